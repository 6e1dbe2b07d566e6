SELECT * FROM v_path_terms ORDER BY root
