-- Findings on any object of the path, and those whose money is the revenue event's: each way by an index of its own.
SELECT finding_id FROM finding_rows FINAL
WHERE NOT deleted AND object IN (SELECT concat(object_type, '/', object_id) FROM objects FINAL WHERE object_hash IN {objects:Array(UInt64)} AND NOT deleted)
UNION DISTINCT
SELECT finding_id FROM finding_rows FINAL WHERE subject_hash = {root:UInt64} AND root != '' AND NOT deleted
