-- Movements: the money of the object's latest ok event that tells it, less what was taken off since. `moves` are what it counted over
-- time, in the group where it counts now: after each event that told of it, ended it or took off it.
INSERT INTO work_control_lines (
    contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, moves
)
WITH
    object AS ({{control_objects}}),
    reversed AS ({{control_taken}}),
    latest AS (
        SELECT e.class_hash AS class_hash, declared.money AS money, any(declared.kept) AS kept, max(e.at) AS at,
            argMax((assumeNotNull(e.amount), e.currency, e.contract, e.legal_entity, e.period), e.at) AS said,
            arraySort(groupArray((e.at, toDecimal128(assumeNotNull(e.amount), 4), toString(e.currency)))) AS tolds
        FROM work_control_events AS e
        INNER JOIN (SELECT * FROM control_moneys WHERE NOT balance) AS declared ON declared.measure = e.measure
        -- What ends an object may say how much that was, which counts no more.
        WHERE e.ok AND e.amount IS NOT NULL AND has(declared.roles, e.role) AND e.action NOT IN ('rejected', 'reversed', 'cancelled')
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
            object.ended > latest.at OR reversed.wholly > 0 OR (off >= abs(told) AND off > 0) AS gone,
            latest.tolds AS tolds, object.ends AS ends, reversed.takes AS takes,
            arraySort(arrayDistinct(arrayConcat(tolds.1, ends, takes.1, arrayFilter(until -> until.2 != '', takes.2)))) AS instants
        FROM latest
        INNER JOIN object ON object.class_hash = latest.class_hash
        LEFT JOIN reversed ON reversed.class_hash = latest.class_hash
        WHERE NOT (object.takes AND (startsWith(object.class_key, 'credit_memo/') OR latest.said.1 < 0))
    ),
    placed AS (
        SELECT counted.class_hash AS class_hash, counted.money AS money, counted.kept AS kept, counted.at AS at, counted.said AS said,
            counted.class_key AS class_key, counted.known_period AS known_period, counted.of_contract AS of_contract,
            counted.of_entity AS of_entity, counted.told AS told, counted.off AS off, counted.gone AS gone, counted.at.1 AS moment, counted.instants AS instants,
            arrayMap(instant -> arrayLast(word -> word.1 <= instant, tolds), instants) AS words,
            arrayMap(word -> multiIf(word.3 != counted.said.2, toDecimal128(0, 4), startsWith(counted.class_key, 'credit_memo/'), -abs(word.2), word.2), words) AS plain,
            arrayMap(instant -> arraySum(take -> if(take.1 <= instant AND instant < take.2 AND take.3 IS NOT NULL AND take.4 IN ('', counted.said.2),
                toDecimal128(assumeNotNull(take.3), 4), toDecimal128(0, 4)), takes), instants) AS offs,
            arrayMap((instant, word, worth, less) -> arrayExists(end -> end > word.1 AND end <= instant, ends)
                OR arrayExists(take -> take.1 <= instant AND instant < take.2 AND take.3 IS NULL, takes) OR (less >= abs(worth) AND less > 0),
                instants, words, plain, offs) AS gones,
            arrayMap((worth, less, is_gone) -> multiIf(is_gone, toDecimal128(0, 4), counted.kept, worth, worth < 0, worth + less, worth - less), plain, offs, gones) AS stood,
            arrayMap((instant, now, before) -> (instant.1, now - before, instant.3), instants, stood, arrayPushFront(arrayPopBack(stood), toDecimal128(0, 4))) AS steps,
            if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
        FROM counted
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = counted.of_entity
    )
SELECT
    sipHash64(placed.of_contract), placed.of_contract, placed.money, placed.said.2, placed.of_entity,
    multiIf(placed.said.5 != '', placed.said.5, placed.known_period != '', placed.known_period,
        placed.moment < fiscal.ends, toString(fiscal.period), substring(toString(placed.moment), 1, 7)),
    placed.class_hash, placed.class_key, multiIf(placed.gone, 0, placed.kept, placed.told, placed.told < 0, placed.told + placed.off, placed.told - placed.off),
    placed.moment, placed.at.3, arrayFilter(step -> step.2 != 0, placed.steps)
FROM placed
ASOF LEFT JOIN calendar_periods AS fiscal ON fiscal.calendar = placed.calendar AND fiscal.starts <= placed.moment
