-- Of which types the objects are whose state is told anew, and which types the declarations know.
SELECT
    (SELECT groupUniqArray(toString(object_type)) FROM (
        SELECT object_type FROM objects
        WHERE object_hash IN (SELECT object_hash FROM work_states WHERE object_hash NOT IN (SELECT object_hash FROM work_members))
        UNION ALL
        SELECT object_type FROM work_members
    )) AS types,
    (SELECT groupUniqArray(toString(root_type)) FROM process_stages) AS root_types,
    (SELECT groupUniqArray(toString(object_type)) FROM process_stages) AS stage_types
