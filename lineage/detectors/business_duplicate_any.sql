SELECT count() FROM (
    SELECT 1 FROM likenesses
    WHERE key_hash IN (SELECT object_hash FROM work_subjects)
    GROUP BY key_hash
    HAVING uniqExact(other_hash) > 1
)
