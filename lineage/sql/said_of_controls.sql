detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND subject_hash IN (SELECT sipHash64(contract_hash, arrayJoin(range(16))::UInt8) FROM work_control_contracts)
