-- New events on some invoices: the newest ones, or ones all over history.
INSERT INTO events (
    object_hash, object_type, object_id, occurred_at, received_at, admitted_at, batch, source, event_id, content_hash, delivery, action, outcome,
    legal_entity, amount, currency
)
SELECT
    sipHash64('invoice', id), 'invoice', id, toDateTime64('2026-09-25 00:00:00', 6, 'UTC'), now64(6, 'UTC'), now64(6, 'UTC'), {batch:UInt64},
    'netsuite-us', concat('touch-', toString({batch:UInt64}), '-', toString(number)), toFixedString(toString(number), 16), 'benchmark', 'sent', 'ok',
    'US01', toDecimal64(2000, 4), 'USD'
FROM (
    SELECT number, concat('INV-', toString(if({recent:Bool}, {invoices:UInt64} - 1 - number % {invoices:UInt64}, cityHash64(number) % {invoices:UInt64}))) AS id
    FROM numbers({events:UInt64})
)
