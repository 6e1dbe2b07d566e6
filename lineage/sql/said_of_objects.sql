detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND subject_hash IN (SELECT object_hash FROM work_subjects)
