-- The versions of the touched contracts, each in force from the first ok activated or amended event that carries it. What no event
-- carries any more is withdrawn.
INSERT INTO contract_terms (contract, contract_version, since, event_id, version, deleted)
SELECT contract, contract_version, argMin(began.1, is_old), argMin(began.2, is_old), {turn:UInt64}, min(is_old)
FROM (
    SELECT name.object_id AS contract, term.contract_version AS contract_version, term.began AS began, toUInt8(0) AS is_old
    FROM (SELECT class_hash, object_id FROM work_members WHERE object_type = 'contract') AS name
    INNER JOIN (
        SELECT member.class_hash AS class_hash, event.contract_version AS contract_version, min((event.occurred_at, event.event_id)) AS began
        FROM (
            SELECT object_hash, contract_version, occurred_at, event_id FROM work_said
            WHERE object_type = 'contract' AND action IN ('activated', 'amended') AND outcome = 'ok' AND contract_version != ''
        ) AS event
        INNER JOIN (SELECT object_hash, class_hash FROM work_members WHERE object_type = 'contract') AS member ON member.object_hash = event.object_hash
        GROUP BY class_hash, contract_version
    ) AS term ON term.class_hash = name.class_hash
    UNION ALL
    SELECT contract, contract_version, (since, event_id), 1
    FROM contract_terms FINAL
    WHERE contract IN (SELECT object_id FROM work_members WHERE object_type = 'contract') AND version < {turn:UInt64} AND NOT deleted
)
GROUP BY contract, contract_version
