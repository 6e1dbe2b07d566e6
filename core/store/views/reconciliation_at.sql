-- after: v_reconciliation
-- Every row of every control at an instant: until its control warns of it a difference is `provisional`, as it may be work on its way.
CREATE OR REPLACE VIEW reconciliation_at {{on_cluster}} AS
SELECT *, warn_at IS NOT NULL AND assumeNotNull(warn_at) > {now:DateTime64(6, 'UTC')} AS provisional
FROM v_reconciliation
