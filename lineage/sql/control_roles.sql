SELECT name, role FROM v_sources
