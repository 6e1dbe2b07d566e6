-- One path: what is known of one revenue event.
SELECT *
FROM paths_at(now = {now:DateTime64(6, 'UTC')})
WHERE {{this_root}}
ORDER BY process
LIMIT 1
