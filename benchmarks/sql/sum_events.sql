SELECT contract, currency, legal_entity, period, measure, source, sum(amount)
FROM events
GROUP BY contract, currency, legal_entity, period, measure, source
