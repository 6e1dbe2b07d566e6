-- Every object of every path, with the grade of the strongest way to it.
CREATE OR REPLACE VIEW v_path_objects {{on_cluster}} AS
SELECT
    root_hash,
    concat(root_type, '/', root_id) AS root,
    process,
    object,
    object_hash,
    splitByChar('/', object)[1] AS object_type,
    substring(object, position(object, '/') + 1) AS object_id,
    transform(grade, [1, 2, 3, 4], ['correlated', 'alias', 'asserted', 'root'], '') AS grade,
    via,
    depth,
    reversed
FROM (
    SELECT root_hash, root_type, root_id, process, object_keys, object_hashes, grades, vias, depths, reverseds
    FROM paths FINAL
    WHERE NOT deleted
)
ARRAY JOIN object_keys AS object, object_hashes AS object_hash, grades AS grade, vias AS via, depths AS depth, reverseds AS reversed
