-- At hand: what was made from what was touched.
INSERT INTO work_downs (up_hash, process, down_hash, down_type, reverses)
WITH wanted AS (
    SELECT object_hash FROM work_states
    UNION DISTINCT
    SELECT object_hash FROM work_members
)
{{hold_wanted_downs}}
