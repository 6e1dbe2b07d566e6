-- Who has sent without a declared role.
SELECT name FROM v_sources WHERE role = 'unknown' ORDER BY name
