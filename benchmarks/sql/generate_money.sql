-- One money event each of `count` objects, over 2,000 contracts, three periods and two legal entities; every 500th is left out of
-- the ERP when `gaps` is set.
INSERT INTO events (
    object_hash, object_type, object_id, occurred_at, received_at, admitted_at, batch, source, event_id, content_hash, delivery, action, outcome,
    link_types, link_ids, link_relations, link_amounts, legal_entity, contract, period, amount, currency, measure
)
SELECT
    sipHash64({type:String}, concat({prefix:String}, toString(place))), {type:String}, concat({prefix:String}, toString(place)),
    toDateTime64('2026-07-01 00:00:00', 6, 'UTC') + intDiv(place * 7000000, {count:UInt64}) + {delay:UInt32} AS at,
    at, now64(6, 'UTC'), {batch:UInt64}, {source:String}, concat({source:String}, '-', {type:String}, '-', {measure:String}, '-', toString(place), '-', {batch:String}),
    toFixedString(substring(hex(sipHash64({measure:String}, place, {batch:UInt64})), 1, 16), 16), 'benchmark', {action:String}, 'ok',
    [], [], [], [], if(place % 2000 % 2 = 0, 'US01', 'DE01'), concat('C-', toString(place % 2000)),
    concat('2026-0', toString(7 + intDiv(place * 3, {count:UInt64}))), toDecimal64(100 + place % 900, 4), 'USD', {measure:String}
FROM (SELECT number * {step:UInt64} AS place FROM numbers(intDiv({count:UInt64}, {step:UInt64})))
WHERE NOT {gaps:UInt8} OR place % 500 != 7
