-- The new links whose ends both stand, each labelled by its far side.
INSERT INTO work_hops (round, hop, up_hash, down_hash, label)
WITH
    wanted AS MATERIALIZED (
        SELECT arrayJoin([up_hash, down_hash]) AS object_hash FROM work_hops WHERE round = {round:UInt32} + 1 AND label = 0
    ),
    rows_of_wanted AS (SELECT * FROM work_near WHERE object_hash IN (SELECT object_hash FROM wanted)),
{{standing_objects}},
    stand AS (SELECT object_hash FROM standing)
SELECT round, hop, up_hash, down_hash, down_hash
FROM work_hops
WHERE round = {round:UInt32} + 1 AND label = 0 AND up_hash IN (SELECT object_hash FROM stand) AND down_hash IN (SELECT object_hash FROM stand)
