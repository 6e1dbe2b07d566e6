-- What an object's events say together: where an event is silent about its contract, the object's latest word counts.
SELECT
    class_hash,
    any(class) AS class_key,
    argMaxIf(contract, at, contract != '') AS known_contract,
    argMaxIf(legal_entity, at, legal_entity != '') AS known_entity,
    argMaxIf(period, at, period != '') AS known_period,
    maxIf(at, ok AND action IN ('rejected', 'reversed', 'cancelled')) AS ended,
    arraySort(groupArrayIf(at, ok AND action IN ('rejected', 'reversed', 'cancelled'))) AS ends,
    max(ok AND reverses) AS takes
FROM work_control_events
GROUP BY class_hash
