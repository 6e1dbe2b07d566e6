-- Whether any of the newest leads further.
SELECT count() FROM work_pairs WHERE depth = {depth:UInt32} AND node IN (SELECT up FROM work_steps)
