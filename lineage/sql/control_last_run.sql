SELECT turn, batch, config, roles FROM control_runs ORDER BY turn DESC, batch DESC, config != '' DESC LIMIT 1
