-- At hand: both ends of the links of this round.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT DISTINCT arrayJoin([up_hash, down_hash]) AS object_hash FROM work_hops WHERE round = {round:UInt32} + 1
)
{{hold_wanted}}
