-- Every link takes the smallest label among the links at its two ends. The first spread begins from all that were gathered.
INSERT INTO work_hops (round, hop, up_hash, down_hash, label)
SELECT {round:UInt32}, hop, up_hash, down_hash, least(
    min(label) OVER (PARTITION BY hop, up_hash), min(label) OVER (PARTITION BY hop, down_hash))
FROM work_hops
WHERE label != 0 AND ({before:UInt32} = 0 OR round = {before:UInt32})
