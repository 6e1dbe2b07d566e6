-- Whom the others reverse, when those that the last round found reversed take nothing off. An object without money of its own, or
-- of whom all is taken, is reversed in full.
INSERT INTO work_reversed (round, object_hash)
SELECT {round:UInt32} + 1, target_hash
FROM work_takings
WHERE by_hash NOT IN (SELECT object_hash FROM work_reversed WHERE round = {round:UInt32})
GROUP BY target_hash
HAVING any(own_amount) IS NULL OR countIf(amount IS NULL) > 0 OR sum(amount) >= abs(any(own_amount))
