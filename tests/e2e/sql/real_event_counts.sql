-- How many events each source sent, by outcome.
SELECT toString(source) AS sender, toString(outcome) AS outcome, count() AS events
FROM v_events
GROUP BY sender, outcome
