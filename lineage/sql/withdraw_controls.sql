-- What was found in the touched contracts before and not again.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE {{said_of_controls}}
