-- What there is to choose from in the filters.
SELECT reason, source, state, count() AS records
FROM v_quarantine
GROUP BY reason, source, state
ORDER BY reason, source, state
