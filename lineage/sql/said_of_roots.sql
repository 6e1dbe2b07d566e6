detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND (subject_hash IN (SELECT root_hash FROM work_roots)
        OR subject_hash IN (SELECT object_hash FROM work_members WHERE object_hash != class_hash))
