-- The steps of one path, in the order of its process.
SELECT
    position, stage, object_type, required, state, reached_at, completed_at, started_at, due_at, latency_seconds,
    objects, stuck_object
FROM path_stages_at(now = {now:DateTime64(6, 'UTC')})
WHERE {{this_root}}
ORDER BY position
