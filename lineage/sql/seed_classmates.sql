-- A class is handled with all its names.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT object_hash, object_type, object_id
FROM alias_classes FINAL
WHERE class_hash IN (SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT object_hash FROM work_seeds))
