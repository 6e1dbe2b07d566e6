SELECT name, type FROM pragma_table_info(:table, 'log') ORDER BY cid
