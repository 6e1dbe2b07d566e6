-- What the detector said of these sources before, of now and of the past, and has not said again.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE detector IN {detectors:Array(String)} AND subject_hash IN (
        SELECT sipHash64(source) FROM work_sources
        UNION DISTINCT
        SELECT sipHash64(source, 'past') FROM work_sources
    )
    AND version < {turn:UInt64} AND NOT deleted
