-- From every object whose state may differ, and from every name it had.
INSERT INTO work_ancestors (depth, object_hash, object_type, object_id)
SELECT 0, object_hash, any(object_type), any(object_id)
FROM (
    SELECT object_hash, object_type, object_id FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM work_states) AND NOT deleted
    UNION ALL
    SELECT object_hash, object_type, object_id FROM work_members
)
GROUP BY object_hash
