SELECT count() FROM (
    SELECT 1 FROM event_ids
    WHERE identity IN (SELECT object_hash FROM work_subjects)
    GROUP BY identity
    HAVING uniqExact(content_hash) > 1
)
