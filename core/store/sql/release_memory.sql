-- What the engine keeps for the next query is worth more to others at rest: marks and keys of tables that the last
-- turn walked through, the plans it compiled, and the pages of large results that the allocator holds on to.
SYSTEM DROP MARK CACHE
;
SYSTEM DROP INDEX MARK CACHE
;
SYSTEM DROP PRIMARY INDEX CACHE
;
SYSTEM DROP QUERY CONDITION CACHE
;
SYSTEM DROP COMPILED EXPRESSION CACHE
;
SYSTEM JEMALLOC PURGE
