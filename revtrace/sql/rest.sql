-- The allocator keeps the pages of a large query for the next one; at rest they are worth more to others.
SYSTEM JEMALLOC PURGE
