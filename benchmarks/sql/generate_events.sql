-- One event each of `count` objects of a type from the `first` on, over `spread` seconds, each made from `fan_in` objects of the type before
-- it (none: 0). Every 97th object of a type that is made from others has lost one of its currency on the way.
INSERT INTO events (
    object_hash, object_type, object_id, occurred_at, received_at, admitted_at, batch, source, event_id, content_hash, delivery, action, outcome,
    link_types, link_ids, link_relations, link_amounts, legal_entity, contract, project, customer, correlation_id, trace_id, idempotency_key,
    amount, currency, resource, actor, attributes
)
SELECT
    sipHash64({type:String}, concat({prefix:String}, toString(number))), {type:String}, concat({prefix:String}, toString(number)),
    toDateTime64('2026-07-01 00:00:00', 6, 'UTC') + intDiv((number - {first:UInt64}) * {spread:UInt64}, {count:UInt64}) + {delay:UInt32} AS at,
    at, now64(6, 'UTC'), {batch:UInt64}, {source:String}, concat({type:String}, '-', {action:String}, '-', toString(number)),
    toFixedString(toString(number), 16), 'benchmark', {action:String}, 'ok',
    arrayMap(place -> {up_type:String}, range({fan_in:UInt64})),
    arrayMap(place -> concat({up_prefix:String}, toString(number * {fan_in:UInt64} + place)), range({fan_in:UInt64})),
    arrayMap(place -> 'from', range({fan_in:UInt64})), arrayMap(place -> NULL, range({fan_in:UInt64})),
    'US01', concat('C-', toString(number % 500)), concat('P-', toString(number % 5003)), concat('CU-', toString(number % 2000)),
    if({keyed:Bool}, concat('correlation-', toString(number)), ''), if({keyed:Bool}, lower(hex(sipHash128(number))), ''),
    if({keyed:Bool}, concat('key-', toString(number)), ''), toDecimal64({amount:String}, 4) - ({made:Bool} AND number % 97 = 7), 'USD',
    if({type:String} = 'time_entry', concat('R-', toString(number % 799)), ''), if({action:String} = 'approved', concat('manager-', toString(number % 90)), ''),
    CAST(if({type:String} = 'time_entry' AND {action:String} = 'submitted', map('work_date', toString(toDate(at)), 'hours', toString(1 + number % 16 / 2)), map()), 'Map(String, String)')
FROM numbers({first:UInt64}, {count:UInt64})
