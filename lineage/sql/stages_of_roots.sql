SELECT root_hash, position, toString(stage) AS stage, toString(state) AS state, required, started_at, reached_at, last_event_at, objects, path_state
FROM path_stages_at(now = {now:DateTime64(6, 'UTC')})
WHERE root_hash IN {roots:Array(UInt64)}
ORDER BY root_hash, position
