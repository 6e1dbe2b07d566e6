INSERT INTO work_subjects (object_hash)
SELECT DISTINCT sipHash64(correlation_id) FROM events
WHERE correlation_id != '' AND object_hash IN (
    SELECT sipHash64(object_type, arrayJoin(names)) FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_states)
)
