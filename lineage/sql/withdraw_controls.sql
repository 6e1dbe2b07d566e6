-- What was found in the touched contracts before and not again.
INSERT INTO finding_rows (detector, subject_hash, finding_id, root, version, deleted)
SELECT detector, subject_hash, finding_id, root, {turn:UInt64}, 1
FROM finding_rows FINAL
WHERE detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND subject_hash IN (SELECT sipHash64(contract_hash, arrayJoin([0, 1, 2, 3])::UInt8) FROM work_control_contracts)
