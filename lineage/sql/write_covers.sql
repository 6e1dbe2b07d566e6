-- Stages that an object itself or anything made from it has been through.
INSERT INTO work_covers (process, object_hash, covered)
SELECT pair.process, pair.start_hash, groupBitOr(part.done_stages)
FROM work_pairs AS pair
INNER JOIN (SELECT process, object_hash, done_stages FROM work_parts WHERE done_stages != 0) AS part
    ON part.process = pair.process AND part.object_hash = pair.object_hash
GROUP BY pair.process, pair.start_hash
