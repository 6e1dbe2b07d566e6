-- At hand: the ends of the links of the last round, and what was made from them.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT object_hash FROM work_subjects WHERE {round:UInt32} = 0
    UNION DISTINCT
    SELECT arrayJoin([up_hash, down_hash]) FROM work_hops WHERE round = {round:UInt32} AND label != 0
    UNION DISTINCT
    SELECT down_hash FROM links_down WHERE up_hash IN (
        SELECT object_hash FROM work_subjects WHERE {round:UInt32} = 0
        UNION DISTINCT
        SELECT arrayJoin([up_hash, down_hash]) FROM work_hops WHERE round = {round:UInt32} AND label != 0
    )
)
{{hold_wanted}}
