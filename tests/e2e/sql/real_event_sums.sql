-- The money of ok events by what they say of it, as the summary of the sample quarter adds it up.
SELECT concat(object_type, '.', action, '/', measure, '/', currency) AS what, sum(amount) AS total
FROM v_events
WHERE outcome = 'ok' AND measure != ''
GROUP BY what
