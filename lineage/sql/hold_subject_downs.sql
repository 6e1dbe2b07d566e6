-- At hand: what was made from what detectors of objects look at.
INSERT INTO work_downs (up_hash, process, down_hash, down_type, reverses)
WITH wanted AS (
    SELECT DISTINCT object_hash FROM work_subjects
)
{{hold_wanted_downs}}
