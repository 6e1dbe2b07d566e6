detector IN {detectors:Array(String)} AND version < {turn:UInt64} AND NOT deleted
    AND subject_hash IN (
        SELECT sipHash64(source) FROM work_sources
        UNION DISTINCT
        SELECT sipHash64(source, 'past') FROM work_sources
    )
