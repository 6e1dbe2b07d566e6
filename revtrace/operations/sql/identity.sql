-- Every record of every delivery must be stored, a duplicate, quarantined or skipped. A delivery without a
-- closing row has not been taken apart yet: it is being written, or a crash left it for the next start.
-- A replay is a delivery of its own, and what it makes again counts as received again.
SELECT
    (SELECT count() FROM deliveries) AS deliveries,
    (SELECT count() FROM deliveries) - count() AS deliveries_open,
    countIf(c.delivery IN (SELECT delivery FROM delivery_origins WHERE replays != '')) AS replays,
    sumIf(c.received, c.delivery IN (SELECT delivery FROM delivery_origins WHERE replays != '')) AS replayed,
    sum(c.received) AS received,
    sum(c.stored) AS stored,
    sum(c.duplicates) AS duplicates,
    sum(c.quarantined) AS quarantined,
    sum(c.skipped) AS skipped,
    countIf(c.received != c.stored + c.duplicates + c.quarantined + c.skipped) AS deliveries_wrong
FROM (SELECT * FROM delivery_closings FINAL) AS c
