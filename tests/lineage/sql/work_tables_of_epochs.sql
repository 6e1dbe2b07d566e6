SELECT count() FROM system.tables WHERE database = currentDatabase() AND match(name, '^work_e[0-9]+_')
