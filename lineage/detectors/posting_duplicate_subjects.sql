-- A group of postings of one fact is found under its idempotency key, or under the first object it was made from: under any
-- name of it, since what was told under a name that has become an alias must go as well. What a touched object went into is looked
-- at as well: its failures may tell of a call without an answer.
INSERT INTO work_subjects (object_hash)
WITH
    told AS MATERIALIZED (
        SELECT object_hash, toString(object_type) AS its_type, names, arrayMap(up -> up.2, ups) AS up_hashes FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM work_states)
        UNION ALL
        SELECT object_hash, toString(object_type), names, arrayMap(up -> up.2, ups) FROM objects FINAL
        WHERE NOT deleted AND object_hash IN (
            SELECT down_hash FROM work_downs
            WHERE process = '' AND down_type IN ('invoice', 'journal_posting') AND up_hash IN (
                SELECT object_hash FROM work_states UNION DISTINCT SELECT object_hash FROM work_members
            )
        ) AND object_hash NOT IN (SELECT object_hash FROM work_states)
    ),
    every_name AS (
        SELECT object_hash FROM work_states
        UNION DISTINCT
        SELECT object_hash FROM work_members
        UNION DISTINCT
        SELECT sipHash64(its_type, arrayJoin(names)) FROM told
    ),
    upstream AS MATERIALIZED (
        SELECT arrayJoin(up_hashes) AS up_hash FROM told WHERE its_type IN ('invoice', 'journal_posting')
    )
SELECT key_hash FROM idempotency_uses
WHERE object_hash IN (SELECT object_hash FROM every_name)
UNION DISTINCT
-- And those that superseded events used.
SELECT sipHash64(idempotency_key) FROM superseded_events
WHERE idempotency_key != '' AND object_hash IN (SELECT object_hash FROM every_name)
UNION DISTINCT
SELECT up_hash FROM upstream
UNION DISTINCT
SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL
WHERE object_hash IN (SELECT up_hash FROM upstream) AND length(names) > 1 AND NOT deleted
UNION DISTINCT
SELECT object_hash FROM work_members
