SELECT * FROM v_path_objects ORDER BY root, object
