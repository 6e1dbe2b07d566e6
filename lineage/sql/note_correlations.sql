-- All who carry a correlation id that a changed object carries.
INSERT INTO work_correlations (correlation_id, class_hash, object_type, class_id)
SELECT DISTINCT
    carrier.correlation_id,
    if(class.class_hash = 0, carrier.object_hash, class.class_hash),
    carrier.object_type,
    if(class.class_hash = 0, carrier.object_id, class.class_id)
FROM (
    SELECT correlation_id, object_hash, object_type, object_id
    FROM correlations
    WHERE correlation_hash IN (SELECT correlation_hash FROM work_correlation_ids)
) AS carrier
LEFT JOIN work_classes AS class ON class.object_hash = carrier.object_hash
