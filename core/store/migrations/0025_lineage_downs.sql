-- What a turn has at hand, too: what was made from, reverses or amends the objects that detectors ask about, each asked for once. One
-- without such has a row as well, with nothing below it, so that it is not asked for again.
CREATE TABLE IF NOT EXISTS work_downs {{on_cluster}} (
    up_hash UInt64, process String, down_hash UInt64, down_type String, reverses UInt8
) ENGINE = Memory
