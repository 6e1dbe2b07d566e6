INSERT INTO work_correlation_ids (correlation_hash)
SELECT DISTINCT sipHash64(correlation_id) FROM events
WHERE object_hash IN (SELECT object_hash FROM work_members) AND correlation_id != ''
