SELECT
    control, title, left_title, right_title, compare, side, contract, currency, period, legal_entity, left, right, difference, tolerance, status,
    is_rollforward, right_is_total, opening, added, taken, contract_asset, left_objects, right_objects, first_at, last_at, warn_at, close_at, evidence
FROM v_reconciliation
WHERE ({control:String} = '' OR control = {control:String})
    AND ({contract:String} = '' OR (contract_hash = sipHash64({contract:String}) AND contract = {contract:String}))
    AND ({period:String} = '' OR period = {period:String})
    AND ({status:String} = '' OR status = {status:String})
ORDER BY control, contract, currency, legal_entity, period, side
