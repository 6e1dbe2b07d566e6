-- At hand: what a slice of a rebuild looks at, and what that was made from, was made from it, or was made into the same: in one go,
-- since of so many each time reads the whole table.
INSERT INTO work_near (
    {{near_columns}}
)
WITH
    made AS MATERIALIZED (
        SELECT object_hash FROM work_states
        UNION DISTINCT
        SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM work_states)
    ),
    wanted AS (
        SELECT object_hash FROM made
        UNION DISTINCT
        SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM made)
    )
{{hold_wanted}}
