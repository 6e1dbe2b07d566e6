    -- The ok events by which objects behind the `asked` tails reached each stage, with the instants at which they first did.
    proofs AS MATERIALIZED (
        SELECT tail.tail_hash AS tail_hash, step.position AS place, arraySort(groupUniqArrayArray(arrayMap(act -> (act.5, act.6.3),
            arrayFilter(act -> act.4 > 0 AND has(step.actions, act.1) AND (empty(step.roles) OR has(step.roles, act.2)), told.acts)))) AS events
        FROM (
            SELECT tail_hash, process, object_hash FROM work_ends ARRAY JOIN object_hashes AS object_hash
            WHERE tail_hash IN (SELECT tail_hash FROM asked)
        ) AS tail
        INNER JOIN (
            SELECT object_hash, object_type, acts FROM work_near
            WHERE object_hash IN (SELECT arrayJoin(object_hashes) FROM work_ends WHERE tail_hash IN (SELECT tail_hash FROM asked))
        ) AS told ON told.object_hash = tail.object_hash
        INNER JOIN (SELECT process, position, toString(object_type) AS object_type, actions, roles FROM process_stages) AS step
            ON step.process = tail.process AND step.object_type = told.object_type
        GROUP BY tail.tail_hash, step.position
    )
