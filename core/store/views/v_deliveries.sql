-- What was received and what became of it; `closed` = 0 while a commit runs or after it was interrupted.
CREATE OR REPLACE VIEW v_deliveries {{on_cluster}} AS
SELECT
    deliveries.delivery AS delivery,
    deliveries.received_at AS received_at,
    deliveries.source AS source,
    deliveries.protocol AS protocol,
    deliveries.content_type AS content_type,
    deliveries.content_encoding AS content_encoding,
    deliveries.mapping AS mapping,
    deliveries.mapping_version AS mapping_version,
    deliveries.file AS file,
    deliveries.file_sha256 AS file_sha256,
    lower(hex(deliveries.sha256)) AS sha256,
    deliveries.bytes AS bytes,
    deliveries.batch AS batch,
    toUInt8(notEmpty(closing.delivery)) AS closed,
    closing.closed_at AS closed_at,
    closing.received AS received,
    closing.stored AS stored,
    closing.duplicates AS duplicates,
    closing.quarantined AS quarantined,
    closing.skipped AS skipped,
    closing.totals AS totals,
    -- 1 when it is closed and every record is accounted for.
    toUInt8(
        notEmpty(closing.delivery)
        AND closing.received = closing.stored + closing.duplicates + closing.quarantined + closing.skipped
    ) AS balances,
    origin.replays AS replays,
    origin.original_sha256 AS original_sha256
FROM deliveries
LEFT JOIN (SELECT * FROM delivery_closings FINAL) AS closing ON closing.delivery = deliveries.delivery
LEFT JOIN (SELECT * FROM delivery_origins FINAL) AS origin ON origin.delivery = deliveries.delivery
