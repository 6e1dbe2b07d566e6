-- What memos take off these objects in part. What is reversed has nothing left to take off, and what was made from a memo (the
-- posting of a credit memo) repeats what the memo takes.
INSERT INTO work_credits (target_hash, target_type, target_key, memo_hash, memo_key, amount, currency)
WITH
    own AS MATERIALIZED (
        SELECT object_hash, toString(object_type) AS object_type, concat(object_type, '/', object_id) AS key, toString(currency) AS currency
        FROM objects FINAL
        WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64} AND NOT deleted AND amount IS NOT NULL
            AND object_hash IN (SELECT object_hash FROM work_credited)
            AND object_hash NOT IN (
                SELECT object_hash FROM object_states FINAL
                WHERE object_hash IN (SELECT object_hash FROM work_credited) AND reversed != 0
            )
    ),
    takers AS MATERIALIZED (
        SELECT object_hash, concat(object_type, '/', object_id) AS key, takes,
            arrayMap(up -> up.2, arrayFilter(up -> up.1 = '' AND up.4 = 'from', ups)) AS made_from
        FROM objects FINAL
        WHERE NOT deleted AND object_hash IN (SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM own))
    ),
    standing AS MATERIALIZED (
        SELECT * FROM takers
        WHERE object_hash NOT IN (
            SELECT object_hash FROM object_states FINAL
            WHERE object_hash IN (SELECT object_hash FROM takers) AND bitTest(reversed, 1)
        )
    ),
    repeated AS (
        SELECT object_hash FROM objects FINAL
        WHERE NOT deleted AND arrayExists(take -> NOT take.4, takes)
            AND object_hash IN (SELECT arrayJoin(made_from) FROM standing)
            AND object_hash NOT IN (
                SELECT object_hash FROM object_states FINAL
                WHERE object_hash IN (SELECT arrayJoin(made_from) FROM standing) AND bitTest(reversed, 1)
            )
    )
SELECT own.object_hash, own.object_type, own.key, memo.object_hash, memo.key, assumeNotNull(memo.amount), own.currency
FROM (
    SELECT object_hash, key, take.1 AS target_hash, take.2 AS amount, take.3 AS currency
    FROM standing
    ARRAY JOIN takes AS take
    WHERE NOT take.4 AND take.2 > 0
        AND object_hash NOT IN (SELECT object_hash FROM standing ARRAY JOIN made_from AS up WHERE up IN (SELECT object_hash FROM repeated))
) AS memo
INNER JOIN own ON own.object_hash = memo.target_hash
WHERE memo.currency IN ('', own.currency)
