SELECT * FROM v_findings ORDER BY finding_id
