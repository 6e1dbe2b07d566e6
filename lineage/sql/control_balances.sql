-- Balances: what an object stands at is the last word of a period, and a line is by how much that changed. An object that is
-- ended stands at nothing. When a balance moves to another contract or currency, the old one falls by what the new one gains.
INSERT INTO work_control_lines (
    contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, moves
)
WITH
    object AS ({{control_objects}}),
    said AS MATERIALIZED (
        SELECT e.class_hash AS class_hash, declared.money AS money, e.at AS at, toDecimal128(assumeNotNull(e.amount), 4) AS amount,
            e.currency AS currency, e.contract AS contract, e.legal_entity AS legal_entity, e.period AS period
        FROM work_control_events AS e
        INNER JOIN (SELECT * FROM control_moneys WHERE balance) AS declared ON declared.measure = e.measure
        WHERE e.ok AND e.amount IS NOT NULL AND has(declared.roles, e.role) AND e.action NOT IN ('rejected', 'reversed', 'cancelled')
    ),
    words AS (
        SELECT * FROM said
        UNION ALL
        SELECT e.class_hash, holding.money, e.at, toDecimal128(0, 4), '', '', e.legal_entity, e.period
        FROM work_control_events AS e
        INNER JOIN (SELECT DISTINCT class_hash, money FROM said) AS holding ON holding.class_hash = e.class_hash
        WHERE e.ok AND e.action IN ('rejected', 'reversed', 'cancelled')
    ),
    placed AS (
        SELECT words.class_hash AS class_hash, words.money AS money, words.at AS at, words.amount AS amount, words.currency AS currency,
            words.period AS period, words.at.1 AS moment, object.class_key AS class_key,
            if(words.contract != '', words.contract, object.known_contract) AS of_contract,
            if(words.legal_entity != '', words.legal_entity, object.known_entity) AS of_entity,
            if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
        FROM words
        INNER JOIN object ON object.class_hash = words.class_hash
        LEFT JOIN calendar_entities AS entity
            ON entity.legal_entity = if(words.legal_entity != '', words.legal_entity, object.known_entity)
    ),
    stands AS (
        SELECT placed.class_hash AS class_hash, placed.money AS money, placed.class_key AS class_key,
            argMax((placed.amount, placed.currency, placed.of_contract, placed.of_entity), placed.at) AS stand, max(placed.at) AS last,
            arraySort(groupArray((placed.at, placed.amount, placed.currency, placed.of_contract, placed.of_entity))) AS words,
            multiIf(placed.period != '', placed.period, placed.moment < fiscal.ends, toString(fiscal.period),
                substring(toString(placed.moment), 1, 7)) AS in_period
        FROM placed
        ASOF LEFT JOIN calendar_periods AS fiscal ON fiscal.calendar = placed.calendar AND fiscal.starts <= placed.moment
        GROUP BY class_hash, money, class_key, in_period
    ),
    changes AS (
        SELECT class_hash, money, class_key, in_period, moment, event_id, words, before, change.1 AS amount, change.2 AS currency, change.3 AS contract, change.4 AS legal_entity
        FROM (
            SELECT class_hash, money, class_key, in_period, last.1 AS moment, last.3 AS event_id, words, before,
                [stand, (-before.1, before.2, before.3, before.4)] AS both
            FROM (
                SELECT *, lagInFrame(stand) OVER (
                    PARTITION BY class_hash, money ORDER BY in_period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
                FROM stands
            )
        )
        ARRAY JOIN both AS change
        WHERE change.2 != ''
    )
SELECT contract_hash, contract, money, currency, legal_entity, in_period, class_hash, class_key, total, moment, event_id,
    arrayFilter(step -> step.2 != 0, arrayMap((word, now, earlier) -> (word.1.1, now - earlier, word.1.3), words, stood, arrayPushFront(arrayPopBack(stood), begun)))
FROM (
    SELECT sipHash64(contract) AS contract_hash, contract, money, currency, legal_entity, in_period, class_hash, any(class_key) AS class_key,
        sum(amount) AS total, any(moment) AS moment, any(event_id) AS event_id, any(words) AS words,
        arrayMap(word -> if(word.3 = currency AND word.4 = contract AND word.5 = legal_entity, word.2, toDecimal128(0, 4)), words) AS stood,
        any(if(before.2 = currency AND before.3 = contract AND before.4 = legal_entity, before.1, toDecimal128(0, 4))) AS begun
    FROM changes
    GROUP BY class_hash, money, in_period, contract, currency, legal_entity
)
