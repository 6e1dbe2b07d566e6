-- Each memo's amount is shared out among the revenue events that its object is a stage of, by the money with which they went into
-- it: that of their links on the way, where every one of them has an amount, else their own. Shares are in cents where the amount
-- is, else in the smallest unit there is; what rounding down leaves goes to the largest remainders, then by key.
INSERT INTO credit_shares (root_hash, target_hash, memo_hash, memo_key, target_key, amount, version, deleted)
WITH
    roots AS MATERIALIZED (
        SELECT root_hash, toString(process) AS process, concat(root_type, '/', root_id) AS key, assumeNotNull(amount) AS amount,
            toString(currency) AS currency
        FROM paths FINAL
        WHERE root_hash IN (SELECT object_hash FROM work_bearers) AND NOT deleted AND NOT reversed AND amount IS NOT NULL
    ),
    linked AS (
        SELECT target_hash, root_hash, if(countIf(amount IS NULL) > 0, NULL, sum(amount)) AS amount
        FROM (
            SELECT bearing.target_hash AS target_hash, root.root_hash AS root_hash, bearing.down_hash AS down_hash, any(bearing.amount) AS amount
            FROM (SELECT * FROM work_bearings WHERE target_hash != up_hash) AS bearing
            INNER JOIN roots AS root ON root.root_hash = bearing.up_hash
            WHERE bearing.process IN ('', root.process)
            GROUP BY target_hash, root_hash, down_hash
        )
        GROUP BY target_hash, root_hash
    ),
    weighed AS (
        SELECT bearer.target_hash AS target_hash, root.root_hash AS root_hash, any(root.key) AS key, any(root.process) AS process,
            any(root.currency) AS currency, any(root.amount) AS amount
        FROM work_bearers AS bearer
        INNER JOIN roots AS root ON root.root_hash = bearer.object_hash
        WHERE bearer.process IN ('', root.process)
        GROUP BY target_hash, root_hash
    ),
    parts AS (
        SELECT credit.target_hash AS target_hash, credit.memo_hash AS memo_hash, credit.memo_key AS memo_key, credit.target_key AS target_key,
            bearer.root_hash AS root_hash, bearer.key AS key,
            toInt256(toDecimal128(credit.amount, 4) * 10000) AS smallest, if(smallest % 100 = 0, 100, 1) AS unit, intDiv(smallest, unit) AS units,
            toInt256(greatest(toDecimal128(ifNull(linked.amount, bearer.amount), 4), toDecimal128(0, 4)) * 10000) AS weight
        FROM work_credits AS credit
        INNER JOIN weighed AS bearer ON bearer.target_hash = credit.target_hash AND bearer.currency = credit.currency
        LEFT JOIN linked ON linked.target_hash = bearer.target_hash AND linked.root_hash = bearer.root_hash
        WHERE (bearer.process, credit.target_type) IN (SELECT toString(process), toString(object_type) FROM process_stages)
    ),
    rounded AS (
        SELECT *, intDiv(units * weight, weights) AS whole, units * weight % weights AS remainder
        FROM (SELECT *, sum(weight) OVER (PARTITION BY target_hash, memo_hash) AS weights FROM parts WHERE weight > 0)
    )
SELECT root_hash, target_hash, memo_hash, memo_key, target_key, CAST(toDecimal128(share * unit, 4) / 10000, 'Decimal(18, 4)'), {turn:UInt64}, 0
FROM (
    SELECT *, whole + if(row_number() OVER (PARTITION BY target_hash, memo_hash ORDER BY remainder DESC, key)
        <= units - sum(whole) OVER (PARTITION BY target_hash, memo_hash), 1, 0) AS share
    FROM rounded
)
WHERE share > 0
