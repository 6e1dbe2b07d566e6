-- What the detector said of these subjects before and has not said again.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE detector IN {detectors:Array(String)} AND subject_hash IN (SELECT object_hash FROM work_subjects)
    AND version < {turn:UInt64} AND NOT deleted
