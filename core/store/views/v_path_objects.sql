-- Every object of every path, with the grade of the strongest way to it: the revenue event itself and those of its tail.
CREATE OR REPLACE VIEW v_path_objects {{on_cluster}} AS
SELECT
    root_hash,
    root,
    process,
    held.1 AS object,
    held.2 AS object_hash,
    splitByChar('/', object)[1] AS object_type,
    substring(object, position(object, '/') + 1) AS object_id,
    transform(held.3, [1, 2, 3, 4, 5], ['inferred', 'correlated', 'alias', 'asserted', 'root'], '') AS grade,
    if(held.4 = '' AND held.5 > 0, root, held.4) AS via,
    held.5 AS depth,
    held.6 AS reversed,
    held.7 AS correction
FROM (
    SELECT
        path.root_hash AS root_hash, path.root AS root, path.process AS process,
        arrayJoin(arrayPushFront(
            arrayFilter(object -> object.2 != path.root_hash, arrayZip(tail.object_keys, tail.object_hashes, tail.grades, tail.vias,
                tail.depths, tail.reverseds, tail.corrections)),
            (path.root, path.root_hash, toUInt8(5), '', toUInt8(0), path.reversed, toUInt8(0)))) AS held
    FROM (
        SELECT root_hash, concat(root_type, '/', root_id) AS root, process, tail_hash, reversed
        FROM paths FINAL
        WHERE NOT deleted
    ) AS path
    LEFT JOIN (
        SELECT tail_hash, object_keys, object_hashes, grades, vias, depths, reverseds, corrections FROM tails FINAL
    ) AS tail ON tail.tail_hash = path.tail_hash
)
