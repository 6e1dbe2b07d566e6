-- What there is to choose from in the filters.
SELECT control, any(title) AS title, period, legal_entity
FROM v_reconciliation
GROUP BY control, period, legal_entity
ORDER BY control, period DESC, legal_entity
