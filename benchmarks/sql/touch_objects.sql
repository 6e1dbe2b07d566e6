-- New events on objects all over history, of each type in proportion to the events that it has: of 59 events of an invoice 40 are on its
-- time entries, 15 on its billing events, two on the invoice itself and two on its posting. Amounts are those that the objects have.
INSERT INTO events (
    object_hash, object_type, object_id, occurred_at, received_at, admitted_at, batch, source, event_id, content_hash, delivery, action, outcome,
    legal_entity, amount, currency
)
SELECT
    sipHash64(type, id), type, id, toDateTime64('2026-09-25 00:00:00', 6, 'UTC'), now64(6, 'UTC'), now64(6, 'UTC'), {batch:UInt64},
    source, concat('touch-', toString({batch:UInt64}), '-', toString(number)), toFixedString(toString(number), 16), 'benchmark', action, 'ok',
    'US01', amount, 'USD'
FROM (
    SELECT
        number,
        number % 59 AS slot,
        transform(slot, range(40, 59), arrayConcat(arrayResize(['billing_event'], 15, 'billing_event'),
            ['invoice', 'invoice', 'journal_posting', 'journal_posting']), 'time_entry') AS type,
        cityHash64(number, {batch:UInt64}) % ({invoices:UInt64} * transform(type, ['time_entry', 'billing_event'], [20, 5], 1)) AS place,
        concat(transform(type, ['time_entry', 'billing_event', 'invoice'], ['TE-', 'BE-', 'INV-'], 'JE-'), toString(place)) AS id,
        transform(type, ['time_entry', 'billing_event', 'invoice'], ['edited', 'published', 'sent'], 'reported') AS action,
        transform(type, ['time_entry', 'billing_event', 'invoice'], ['psa', 'psa', 'netsuite-us'], 'warehouse-analytics') AS source,
        toDecimal64(transform(type, ['time_entry', 'billing_event'], [100, 400], 2000), 4) - (type != 'time_entry' AND place % 97 = 7) AS amount
    FROM numbers({events:UInt64})
)
