-- The allocator keeps the pages of a large query for the next one; at rest they are worth more to others. The caches stay:
-- they are bounded by `engine.cache_bytes_max`, and dropping them gave back 7 MB of 550 while the next turn would have to
-- read its marks and keys anew.
SYSTEM JEMALLOC PURGE
