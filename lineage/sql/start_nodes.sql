-- What was made directly from the revenue events. An object that is only reached by what reverses another is a node of its
-- own, the first bit of which is set: it is on the path, and counts for no stage.
INSERT INTO work_nodes (depth, node, process, object_hash, corrects)
SELECT DISTINCT 1, bitOr(bitAnd(sipHash64(toString(process), down.1), 9223372036854775807), bitShiftLeft(toUInt64(down.2), 63)), process, down.1, down.2
FROM (SELECT DISTINCT process, tail_hash, arrayJoin(arrayZip(downs, corrections)) AS down FROM work_roots)
