    -- The `wanted` objects that are not reversed. The last word of a revenue event decides: a new approval reopens what was
    -- reversed; other objects stay reversed.
    standing AS (
        SELECT own.*
        FROM (
            SELECT object_hash, toString(object_type) AS object_type, concat(object_type, '/', object_id) AS key, acts, amount, toString(currency) AS currency,
                toString(legal_entity) AS legal_entity, toString(source) AS source, contract, project, customer, first_at, last_at, ups, names
            FROM objects FINAL
            WHERE object_hash IN (SELECT object_hash FROM wanted) AND NOT deleted
        ) AS own
        LEFT JOIN (
            SELECT object_hash AS state_hash, reversed FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM wanted)
        ) AS state ON state.state_hash = own.object_hash
        LEFT JOIN (
            SELECT toString(root_type) AS start_type, groupUniqArrayArray(actions) AS starting FROM process_stages WHERE position = 1 GROUP BY root_type
        ) AS start ON start.start_type = own.object_type
        WHERE NOT bitTest(state.reversed, 1) AND NOT (bitTest(state.reversed, 0) AND (empty(start.starting)
            OR arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts))
                > arrayMax(arrayMap(act -> if(has(start.starting, act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts))))
    )
