-- At hand: what detectors of objects look at.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT DISTINCT object_hash FROM work_subjects
)
{{hold_wanted}}
