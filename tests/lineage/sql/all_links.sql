SELECT * FROM v_links ORDER BY object, upstream, relation, process
