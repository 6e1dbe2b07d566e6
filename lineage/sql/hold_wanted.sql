SELECT
    {{near_columns}}
FROM objects FINAL
WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM wanted WHERE object_hash NOT IN (SELECT object_hash FROM work_near))
