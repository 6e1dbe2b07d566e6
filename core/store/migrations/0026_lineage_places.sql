-- Where a rebuild puts each object beside what hangs together with it, for the detectors of objects to be given slices of that: no
-- Memory, since all objects are here at once. Engine: MergeTree, written whole and emptied; order: what a slice is a range of;
-- default codecs, no partition.
CREATE TABLE IF NOT EXISTS work_places {{on_cluster}} (
    place UInt64,                                  -- the last object of a path that it is on, else itself
    object_hash UInt64
) ENGINE = {{engine:MergeTree()}} ORDER BY place
