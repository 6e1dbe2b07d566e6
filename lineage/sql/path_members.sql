    SELECT {root:UInt64} AS object_hash
    UNION DISTINCT
    SELECT arrayJoin(object_hashes) FROM tails FINAL WHERE tail_hash IN (SELECT tail_hash FROM paths FINAL WHERE root_hash = {root:UInt64})
