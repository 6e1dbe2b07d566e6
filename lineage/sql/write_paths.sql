-- The paths of the slice are kept as they were told.
INSERT INTO paths (
    version, deleted,
    {{path_columns}}
)
SELECT
    {turn:UInt64}, 0,
    {{path_columns}}
FROM work_told
