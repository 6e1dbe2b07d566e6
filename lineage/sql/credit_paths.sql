-- The paths whose share has changed; of two rows of one turn the later one counts.
INSERT INTO paths
SELECT path.* REPLACE (share.credited AS credited, {turn:UInt64} AS version)
FROM (
    SELECT * FROM paths FINAL
    WHERE NOT deleted AND root_hash IN (SELECT root_hash FROM credit_shares WHERE target_hash IN (SELECT object_hash FROM work_credited))
) AS path
LEFT JOIN (
    SELECT root_hash, CAST(sum(amount), 'Decimal(18, 4)') AS credited
    FROM credit_shares FINAL
    WHERE NOT deleted AND root_hash IN (SELECT root_hash FROM credit_shares WHERE target_hash IN (SELECT object_hash FROM work_credited))
    GROUP BY root_hash
) AS share ON share.root_hash = path.root_hash
WHERE share.credited != path.credited
