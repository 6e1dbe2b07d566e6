-- Every stage that was reached, of every path.
SELECT root, stage, reached_at, completed_at
FROM v_path_stages
WHERE isNotNull(reached_at)
