    root_hash, root_type, root_id, process, process_version, tail_hash, reversed, weakest, objects, cancelled, amount,
    currency, credited, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, started_at,
    first_ok_at, last_event_at,
    cutoff_at, stages, stage_types, required, states, reached, completed, clock_starts, dues, stuck
