-- What the detector said of these revenue events before and has not said again; ids that became aliases say nothing any more.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND (subject_hash IN (SELECT root_hash FROM work_roots)
        OR subject_hash IN (SELECT object_hash FROM work_members WHERE object_hash != class_hash))
