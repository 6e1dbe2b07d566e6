SELECT
    control, title, left_title, right_title, compare, side, contract, currency, period, legal_entity, left, right, difference, tolerance, status,
    is_rollforward, right_is_total, carries, opening, added, taken, contract_asset, left_objects, right_objects, first_at, last_at, warn_at, close_at, evidence, provisional, carried
FROM reconciliation_at(now = {now:DateTime64(6, 'UTC')}, period = {period:String})
WHERE ({control:String} = '' OR control = {control:String})
    AND ({contract:String} = '' OR (contract_hash = sipHash64({contract:String}) AND contract = {contract:String}))
    AND ({status:String} = '' OR status = {status:String})
    AND ({entity:String} = '' OR legal_entity = {entity:String})
-- Amounts of two currencies have no order, but how many times its tolerance a difference is has one; what may be on its way comes
-- behind what is not, then what is counted at another of its periods, and what agrees last.
ORDER BY
    multiIf({limit:UInt64} = 0, 0, status = 'ok', 3, carried, 2, provisional, 1, 0),
    if({limit:UInt64} > 0, -abs(toFloat64(difference)) / greatest(toFloat64(tolerance), 0.0001), 0),
    control, contract, currency, legal_entity, period, side
LIMIT if({limit:UInt64} = 0, 18446744073709551615, {limit:UInt64}) OFFSET {offset:UInt64}
