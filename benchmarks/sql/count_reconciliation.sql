SELECT count(), countIf(status = 'break') FROM v_reconciliation
