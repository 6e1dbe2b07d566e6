SELECT concat(root_type, '/', root_id) AS root, if(tail_hash = 0, root_hash, tail_hash) AS unit, process, legal_entity, currency, amount,
    period, cutoff_at, started_at, stages, required, states, completed, dues
FROM paths FINAL
WHERE NOT deleted AND NOT cancelled AND cutoff_at IS NOT NULL
