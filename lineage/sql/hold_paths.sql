-- At hand: what is on the paths of the slice, what that was made from, and what was touched.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT root_hash AS object_hash FROM work_roots
    UNION DISTINCT
    SELECT object_hash FROM work_nodes
    UNION DISTINCT
    SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_nodes)
    UNION DISTINCT
    SELECT object_hash FROM work_states
    UNION DISTINCT
    SELECT object_hash FROM work_ancestors
)
{{hold_wanted}}
