SELECT root, process, state, amount, credited, net, currency, contract, customer, project, legal_entity, engagement, period,
    started_at, last_event_at, completed_at, next_stage, due_at, cutoff_at, weakest_grade
FROM paths_at(now = {now:DateTime64(6, 'UTC')})
WHERE root_hash IN {roots:Array(UInt64)}
ORDER BY root
