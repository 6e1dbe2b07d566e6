-- The correlation ids of the touched objects. What is told anew has its events at hand; what is touched besides is looked up.
INSERT INTO work_subjects (object_hash)
WITH names AS MATERIALIZED (
    SELECT sipHash64(object_type, arrayJoin(names)) AS name_hash FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_states)
)
SELECT DISTINCT sipHash64(correlation_id) FROM work_said
WHERE correlation_id != '' AND object_hash IN (SELECT name_hash FROM names)
UNION DISTINCT
SELECT DISTINCT sipHash64(correlation_id) FROM events
WHERE correlation_id != '' AND object_hash IN (
    SELECT name_hash FROM names WHERE name_hash NOT IN (SELECT object_hash FROM work_members)
)
