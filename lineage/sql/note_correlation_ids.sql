INSERT INTO work_correlation_ids (correlation_hash)
SELECT DISTINCT sipHash64(correlation_id) FROM work_said
WHERE correlation_id != ''
