SELECT path.*, path.root AS root, tail.object_keys AS object_keys, tail.grades AS grades, tail.vias AS vias, tail.depths AS depths,
    tail.reverseds AS reverseds, tail.corrections AS corrections
FROM (SELECT *, concat(root_type, '/', root_id) AS root FROM paths FINAL WHERE NOT deleted) AS path
INNER JOIN (
    SELECT root_hash, groupArray(object) AS object_keys, groupArray(grade) AS grades, groupArray(via) AS vias, groupArray(depth) AS depths,
        groupArray(reversed) AS reverseds, groupArray(correction) AS corrections
    FROM v_path_objects
    GROUP BY root_hash
) AS tail ON tail.root_hash = path.root_hash
