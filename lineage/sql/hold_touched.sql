-- At hand: what was touched, and what that was made from.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT object_hash FROM work_states
    UNION DISTINCT
    SELECT object_hash FROM work_ancestors
)
{{hold_wanted}}
