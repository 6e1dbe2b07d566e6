-- Records that break a rule, with their bytes; amount, currency and period where they can be read, so that what waits
-- can be weighed in money.
INSERT INTO quarantine (
    delivery, record, line, batch, received_at, source, mapping, mapping_version, reason, field,
    object_type, object_id, amount, currency, period, raw
)
SELECT
    delivery,
    record,
    line_number,
    {batch:UInt64},
    received_at,
    source,
    mapping,
    mapping_version,
    reason,
    field,
    object_type,
    object_id,
    amount,
    currency,
    period,
    raw
FROM {staged:Identifier}
WHERE reason != ''
