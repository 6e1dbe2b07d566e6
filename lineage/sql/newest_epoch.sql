-- The newest epoch, and whether it was given back.
SELECT epoch, any(holder) AS holder, min(at) AS at, max(released) AS released
FROM wheel_epochs
GROUP BY epoch
ORDER BY epoch DESC
LIMIT 1
