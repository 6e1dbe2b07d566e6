INSERT INTO alias_classes (object_hash, object_type, object_id, class_hash, class_id, version)
SELECT object_hash, object_type, object_id, sipHash64(object_type, label), label, {turn:UInt64}
FROM work_labels
WHERE round = {round:UInt32}
