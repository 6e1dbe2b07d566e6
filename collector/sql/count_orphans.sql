SELECT count()
FROM system.processes
WHERE current_database = currentDatabase() AND query_kind = 'Insert' AND match(query, {ours:String})
