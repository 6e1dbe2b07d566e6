SELECT turn, batch, config, roles,
    (SELECT count() FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}) AS unsaid
FROM control_runs ORDER BY turn DESC, batch DESC, config != '' DESC LIMIT 1
