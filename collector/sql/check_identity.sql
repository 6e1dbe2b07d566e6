-- The deliveries of some commits that do not balance, the first hundred of them.
{{unbalanced}}
ORDER BY delivery
LIMIT 100
