-- Closed deliveries whose counts do not balance, or whose events or quarantined records are not those that were
-- counted. `since` bounds the look back; deliveries of the commit that runs now are left out.
SELECT
    closing.delivery AS delivery,
    closing.received AS received,
    closing.stored AS stored,
    closing.duplicates AS duplicates,
    closing.quarantined AS quarantined,
    closing.skipped AS skipped,
    stored_rows,
    quarantined_rows
FROM (
    SELECT * FROM delivery_closings FINAL
    WHERE closed_at >= {since:DateTime64(6, 'UTC')} AND batch <= (SELECT max(batch) FROM batches)
) AS closing
LEFT JOIN (
    -- What a mended mapping has superseded was stored all the same.
    SELECT delivery, count() AS stored_rows
    FROM (SELECT delivery FROM events UNION ALL SELECT delivery FROM superseded_events FINAL)
    WHERE delivery IN (SELECT delivery FROM delivery_closings WHERE closed_at >= {since:DateTime64(6, 'UTC')})
    GROUP BY delivery
) AS made ON made.delivery = closing.delivery
LEFT JOIN (
    SELECT delivery, count() AS quarantined_rows FROM quarantine FINAL GROUP BY delivery
) AS held ON held.delivery = closing.delivery
WHERE received != stored + duplicates + quarantined + skipped
    OR stored != stored_rows
    OR quarantined != quarantined_rows
ORDER BY delivery
LIMIT 100
