-- Movements: the money of the object's latest ok event that tells it, less what was taken off since.
INSERT INTO work_control_lines (
    contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id
)
WITH
    object AS ({{control_objects}}),
    reversed AS ({{control_taken}}),
    latest AS (
        SELECT e.class_hash AS class_hash, declared.money AS money, any(declared.kept) AS kept, max(e.at) AS at,
            argMax((assumeNotNull(e.amount), e.currency, e.contract, e.legal_entity, e.period), e.at) AS said
        FROM work_control_events AS e
        INNER JOIN (SELECT * FROM control_moneys WHERE NOT balance) AS declared ON declared.measure = e.measure
        WHERE e.ok AND e.amount IS NOT NULL AND has(declared.roles, e.role)
        GROUP BY class_hash, money
    ),
    -- A credit memo is told with a positive amount; where it names what it reverses, it counts there and not by itself.
    counted AS (
        SELECT latest.class_hash AS class_hash, latest.money AS money, latest.kept AS kept, latest.at AS at, latest.said AS said,
            object.class_key AS class_key, object.known_period AS known_period,
            if(latest.said.3 != '', latest.said.3, object.known_contract) AS of_contract,
            if(latest.said.4 != '', latest.said.4, object.known_entity) AS of_entity,
            toDecimal128(if(startsWith(object.class_key, 'credit_memo/'), -abs(latest.said.1), latest.said.1), 4) AS told,
            reversed.taken[latest.said.2] + reversed.taken[''] AS off,
            object.ended > latest.at OR reversed.wholly > 0 OR (off >= abs(told) AND off > 0) AS gone
        FROM latest
        INNER JOIN object ON object.class_hash = latest.class_hash
        LEFT JOIN reversed ON reversed.class_hash = latest.class_hash
        WHERE NOT (object.takes AND (startsWith(object.class_key, 'credit_memo/') OR latest.said.1 < 0))
    ),
    placed AS (
        SELECT counted.class_hash AS class_hash, counted.money AS money, counted.kept AS kept, counted.at AS at, counted.said AS said,
            counted.class_key AS class_key, counted.known_period AS known_period, counted.of_contract AS of_contract,
            counted.of_entity AS of_entity, counted.told AS told, counted.off AS off, counted.gone AS gone, counted.at.1 AS moment,
            if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
        FROM counted
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = counted.of_entity
    )
SELECT
    sipHash64(placed.of_contract), placed.of_contract, placed.money, placed.said.2, placed.of_entity,
    multiIf(placed.said.5 != '', placed.said.5, placed.known_period != '', placed.known_period,
        placed.moment < fiscal.ends, toString(fiscal.period), substring(toString(placed.moment), 1, 7)),
    placed.class_hash, placed.class_key, multiIf(placed.gone, 0, placed.kept, placed.told, placed.told < 0, placed.told + placed.off, placed.told - placed.off),
    placed.moment, placed.at.3
FROM placed
ASOF LEFT JOIN calendar_periods AS fiscal ON fiscal.calendar = placed.calendar AND fiscal.starts <= placed.moment
