-- How much of what was posted can be followed back to its revenue event, and by how strong links. A process posts with its last stage
-- that posts into an ERP. A row a process, entity, period, currency, coverage and grade.
CREATE OR REPLACE VIEW v_coverage {{on_cluster}} AS
WITH
    posting_stages AS (
        SELECT toString(process) AS of_process, argMax(position, position) AS place, argMax(toString(object_type), position) AS object_type,
            argMax(actions, position) AS actions, argMax(roles, position) AS roles
        FROM (SELECT * FROM process_stages WHERE has(actions, 'posted') AND (empty(roles) OR has(roles, 'erp')))
        GROUP BY process
    )
SELECT process, legal_entity, period, currency, coverage, grade, count() AS postings, sum(amount) AS amount
FROM (
    SELECT toString(path.process) AS process, toString(path.legal_entity) AS legal_entity, toString(path.period) AS period, toString(path.currency) AS currency,
        if(path.cancelled OR arrayExists((state, needed) -> needed = 1 AND state NOT IN ('done', 'late'), path.states, path.required), 'gaps', 'complete') AS coverage,
        transform(path.weakest, [1, 2, 3, 4, 5], ['inferred', 'correlated', 'alias', 'asserted', 'asserted'], '') AS grade, path.amount AS amount
    FROM (SELECT * FROM paths FINAL WHERE NOT deleted) AS path
    INNER JOIN posting_stages ON posting_stages.of_process = toString(path.process)
    WHERE path.reached[posting_stages.place] IS NOT NULL
    UNION ALL
    -- What was posted and is on no path at all.
    SELECT '', toString(legal_entity), toString(period), toString(currency), 'untraced', '', amount
    FROM (
        SELECT object_hash, toString(object_type) AS object_type, acts, amount, currency, legal_entity, period
        FROM objects FINAL
        WHERE NOT deleted AND object_type IN (SELECT object_type FROM posting_stages)
            AND object_hash NOT IN (SELECT root_hash FROM paths FINAL WHERE NOT deleted)
            AND object_hash NOT IN (
                SELECT arrayJoin(object_hashes) FROM tails FINAL WHERE tail_hash IN (SELECT tail_hash FROM paths FINAL WHERE NOT deleted)
            )
            AND object_hash NOT IN (SELECT object_hash FROM object_states FINAL WHERE reversed)
    ) AS posted
    LEFT JOIN (
        SELECT object_type AS its_type, groupArray((actions, roles)) AS ways FROM posting_stages GROUP BY object_type
    ) AS stage ON stage.its_type = posted.object_type
    WHERE arrayExists(way -> arrayExists(act -> act.4 > 0 AND has(way.1, act.1) AND (empty(way.2) OR has(way.2, act.2)), acts), ways)
)
GROUP BY process, legal_entity, period, currency, coverage, grade
