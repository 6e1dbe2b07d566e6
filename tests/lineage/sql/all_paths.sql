SELECT * EXCEPT (turn) FROM v_paths ORDER BY root
