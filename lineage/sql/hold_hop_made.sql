-- At hand: the ends of the links of the last round, and what was made from them.
INSERT INTO work_near (
    {{near_columns}}
)
WITH
    ends AS MATERIALIZED (
        SELECT object_hash FROM work_subjects WHERE {round:UInt32} = 0
        UNION DISTINCT
        SELECT arrayJoin([up_hash, down_hash]) FROM work_hops WHERE round = {round:UInt32} AND label != 0
    ),
    wanted AS (
        SELECT object_hash FROM ends
        UNION DISTINCT
        SELECT down_hash FROM work_downs WHERE up_hash IN (SELECT object_hash FROM ends)
    )
{{hold_wanted}}
