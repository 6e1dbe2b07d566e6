-- Deferred revenue from before the first of the chosen periods to the end of the last, over all contracts, a row a currency.
SELECT
    currency,
    count() AS contracts,
    sum(first_opening) AS opening,
    sum(billed) AS billed,
    sum(recognized) AS recognized,
    sum(last_closing) AS closing,
    sum(asset) AS contract_asset
FROM (
    SELECT
        contract, currency, legal_entity,
        argMin(opening, period) AS first_opening,
        sum(added) AS billed,
        sum(taken) AS recognized,
        argMax(left, period) AS last_closing,
        argMax(contract_asset, period) AS asset
    {{matching}}
        AND is_rollforward
    GROUP BY contract, currency, legal_entity
)
GROUP BY currency
ORDER BY currency
