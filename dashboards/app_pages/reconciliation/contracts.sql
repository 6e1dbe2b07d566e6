-- The same by contract and period: those whose period does not roll forward first.
SELECT
    contract, currency, legal_entity, period, opening, added AS billed, taken AS recognized, opening + added - taken AS expected,
    left AS closing, left - expected AS off, contract_asset
{{matching}}
    AND is_rollforward
ORDER BY abs(off) > tolerance DESC, currency, abs(off) DESC, contract, period
LIMIT {rows:UInt32}
