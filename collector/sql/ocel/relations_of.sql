SELECT source, source_type, target, target_type, qualifier FROM relations WHERE source = :thing
UNION
SELECT source, source_type, target, target_type, qualifier FROM relations WHERE target = :thing
