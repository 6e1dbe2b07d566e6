-- Every object that counts in some rows, with how much of the difference it makes: what stands on the right counts against.
SELECT
    asked.number AS number,
    line.object AS object,
    line.object_hash AS object_hash,
    startsWith(asked.part, 'left') AS is_left,
    sum(if(asked.part IN ('left', 'right_less'), line.amount, -line.amount)) AS amount,
    max(line.occurred_at) AS occurred_at
FROM (
    SELECT number, contract_hash, contract, currency, legal_entity, period, with_unnamed, term.1 AS part, term.2 AS money, term.3 AS kind
    FROM (
        SELECT wanted.number AS number, row.contract_hash AS contract_hash, row.contract AS contract, row.currency AS currency,
            row.legal_entity AS legal_entity, row.period AS period, row.with_unnamed AS with_unnamed, rule.terms AS terms
        FROM (SELECT * FROM control_rows FINAL WHERE contract_hash IN (SELECT sipHash64(arrayJoin({contracts:Array(String)}))) AND NOT deleted) AS row
        INNER JOIN (
            SELECT number, one.1 AS control, one.2 AS side, one.3 AS contract, one.4 AS currency, one.5 AS legal_entity, one.6 AS period
            FROM (
                SELECT arrayJoin(arrayZip(
                    {controls:Array(String)}, {sides:Array(UInt8)}, {contracts:Array(String)}, {currencies:Array(String)},
                    {entities:Array(String)}, {periods:Array(String)}, arrayEnumerate({sides:Array(UInt8)}))) AS one, one.7 AS number
            )
        ) AS wanted
            ON wanted.control = row.control AND wanted.side = row.side AND wanted.contract = row.contract
            AND wanted.currency = row.currency AND wanted.legal_entity = row.legal_entity AND wanted.period = row.period
        INNER JOIN control_rules AS rule ON rule.control = row.control AND rule.side = row.side
    )
    ARRAY JOIN terms AS term
) AS asked
INNER JOIN (
    SELECT * FROM control_lines FINAL
    WHERE contract_hash IN (SELECT sipHash64(arrayJoin({contracts:Array(String)}))) AND NOT deleted
) AS line ON line.contract_hash = asked.contract_hash AND line.contract = asked.contract AND line.money = asked.money AND line.currency = asked.currency
WHERE (line.legal_entity = asked.legal_entity OR (asked.with_unnamed AND line.legal_entity = ''))
    AND multiIf(asked.kind = 'movement', line.period = asked.period, asked.kind = 'total', 1, line.period <= asked.period)
GROUP BY number, object, object_hash, is_left
HAVING amount != 0
ORDER BY number, occurred_at, object
