-- Every name of an object that has several, with the one it is known by: the bytewise smallest.
CREATE OR REPLACE VIEW v_aliases {{on_cluster}} AS
SELECT
    known.object_hash AS alias_hash,
    concat(known.object_type, '/', known.object_id) AS alias,
    known.class_hash AS object_hash,
    concat(known.object_type, '/', known.class_id) AS object
FROM (SELECT object_hash, object_type, object_id, class_hash, class_id FROM alias_classes FINAL) AS known
