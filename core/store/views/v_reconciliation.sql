-- Every row of every control: two sides of one contract, currency, legal entity and period, and whether they agree.
CREATE OR REPLACE VIEW v_reconciliation {{on_cluster}} AS
SELECT
    row.control AS control,
    rule.title AS title,
    rule.left_title AS left_title,
    rule.right_title AS right_title,
    rule.compare AS compare,
    row.side AS side,
    row.contract AS contract,
    row.currency AS currency,
    row.period AS period,
    row.legal_entity AS legal_entity,
    row.left_amount AS left,
    row.right_amount AS right,
    row.left_amount - row.right_amount AS difference,
    row.tolerance AS tolerance,
    if(row.broken, 'break', 'ok') AS status,
    arrayExists(term -> term.1 = 'left' AND term.3 = 'balance', rule.terms) AS is_rollforward,
    row.opening AS opening,
    row.added AS added,
    row.taken AS taken,
    if(is_rollforward AND row.right_amount < 0, -row.right_amount, toDecimal128(0, 4)) AS contract_asset,
    row.left_objects AS left_objects,
    row.right_objects AS right_objects,
    row.with_unnamed AS with_unnamed,
    row.first_at AS first_at,
    row.last_at AS last_at,
    row.warn_at AS warn_at,
    row.close_at AS close_at,
    row.evidence AS evidence,
    row.contract_hash AS contract_hash
FROM (SELECT * FROM control_rows FINAL WHERE NOT deleted) AS row
INNER JOIN control_rules AS rule ON rule.control = row.control AND rule.side = row.side
