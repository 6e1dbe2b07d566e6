-- The alias classes of everything the changed objects are or link to; whoever is not here has one name only.
INSERT INTO work_classes (object_hash, class_hash, class_id)
SELECT object_hash, class_hash, class_id
FROM alias_classes FINAL
WHERE object_hash IN (SELECT object_hash FROM work_members)
    OR object_hash IN (SELECT target_hash FROM work_targets)
    OR object_hash IN (SELECT object_hash FROM correlations WHERE correlation_hash IN (SELECT correlation_hash FROM work_correlation_ids))
