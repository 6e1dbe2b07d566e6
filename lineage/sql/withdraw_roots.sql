-- What the detector said of these revenue events before and has not said again; ids that became aliases say nothing any more.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE {{said_of_roots}}
