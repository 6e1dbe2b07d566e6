-- At hand: what was made from the ends of the links of the last round.
INSERT INTO work_downs (up_hash, process, down_hash, down_type, reverses)
WITH wanted AS (
    SELECT object_hash FROM work_subjects WHERE {round:UInt32} = 0
    UNION DISTINCT
    SELECT arrayJoin([up_hash, down_hash]) FROM work_hops WHERE round = {round:UInt32} AND label != 0
)
{{hold_wanted_downs}}
