-- A group of postings of one fact is found under its idempotency key, or under the first object it was made from: under any
-- name of it, since what was told under a name that has become an alias must go as well.
INSERT INTO work_subjects (object_hash)
WITH
    every_name AS (
        SELECT object_hash FROM work_states
        UNION DISTINCT
        SELECT object_hash FROM work_members
        UNION DISTINCT
        SELECT sipHash64(object_type, arrayJoin(names)) FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM work_states)
    ),
    upstream AS MATERIALIZED (
        SELECT arrayJoin(ups).2 AS up_hash FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM work_states) AND object_type IN ('invoice', 'journal_posting')
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
