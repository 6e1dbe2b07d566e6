SELECT * FROM v_path_stages ORDER BY root, position
