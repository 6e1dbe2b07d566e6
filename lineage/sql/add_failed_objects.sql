INSERT INTO failed_objects (object_hash, object_type)
SELECT object_hash, object_type
FROM objects FINAL
WHERE object_hash IN (SELECT class_hash FROM work_members) AND notEmpty(failures)
