-- after: v_reconciliation
-- Every row of every control at an instant, of one fiscal period or ('') of all: until its control warns of it a difference is
-- `provisional`, as it may be work on its way. A break that goes on from period to period is counted once, in the newest of these
-- periods that its control warns of, else in the newest; its other rows are `carried`.
CREATE OR REPLACE VIEW reconciliation_at {{on_cluster}} AS
SELECT * EXCEPT (run, newest_warned, newest),
    status = 'break' AND carries AND period != if(newest_warned = '', newest, newest_warned) AS carried
FROM (
    SELECT *,
        maxIf(toString(period), status = 'break' AND NOT provisional) OVER whole AS newest_warned,
        max(toString(period)) OVER whole AS newest
    FROM (
        SELECT *, warn_at IS NOT NULL AND assumeNotNull(warn_at) > {now:DateTime64(6, 'UTC')} AS provisional,
            countIf(status = 'ok') OVER (
                PARTITION BY contract_hash, contract, control, side, currency, legal_entity ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS run
        FROM v_reconciliation
        WHERE {period:String} = '' OR period = {period:String}
    )
    WINDOW whole AS (PARTITION BY contract_hash, contract, control, side, currency, legal_entity, run)
)
