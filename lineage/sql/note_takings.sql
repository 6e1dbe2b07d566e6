-- All that may be taken off these objects: in their own currency, or in full, by what is not void. Whoever takes and is not told
-- anew in this turn is known to be reversed itself or not.
INSERT INTO work_takings (target_hash, by_hash, amount, own_amount)
SELECT own.object_hash, taking.by_hash, taking.amount, own.amount
FROM (
    SELECT take.1 AS up_hash, object_hash AS by_hash, take.2 AS amount, take.3 AS currency
    FROM objects FINAL
    ARRAY JOIN takes AS take
    WHERE NOT deleted AND NOT take.4 AND object_hash IN (
        SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM work_taken)
    )
) AS taking
INNER JOIN (
    SELECT object_hash, amount, toString(currency) AS currency FROM objects FINAL
    WHERE object_hash IN (SELECT object_hash FROM work_taken) AND NOT deleted
) AS own ON own.object_hash = taking.up_hash
LEFT JOIN (
    SELECT object_hash, reversed FROM object_states FINAL WHERE object_hash IN (
        SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM work_taken)
    ) AND object_hash NOT IN (SELECT object_hash FROM work_taken)
) AS state ON state.object_hash = taking.by_hash
WHERE NOT bitTest(state.reversed, 1)
    AND (taking.amount IS NULL OR own.amount IS NULL OR taking.currency IN ('', own.currency))
