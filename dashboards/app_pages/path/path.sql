-- One path: what is known of one revenue event.
SELECT *
FROM paths_at(now = {now:DateTime64(6, 'UTC')})
WHERE root = {root:String}
ORDER BY process
LIMIT 1
