-- What the detector said of these sources before, of now and of the past, and has not said again.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE {{said_of_sources}}
