    -- The `wanted` objects, given with their rows, and whether they stand: are not reversed. The last word of a revenue event decides: a new approval
    -- reopens what was reversed; other objects stay reversed.
    known_objects AS MATERIALIZED (
        SELECT own.object_hash AS object_hash, own.its_type AS object_type, own.key AS key, own.acts AS acts, own.amount AS amount, own.its_currency AS currency,
            own.entity AS legal_entity, own.its_source AS source, own.contract AS contract, own.project AS project, own.customer AS customer,
            own.first_at AS first_at, own.last_at AS last_at, own.ups AS ups, own.names AS names,
            NOT bitTest(state.reversed, 1) AND NOT (bitTest(state.reversed, 0) AND (empty(start.starting)
                OR arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts))
                    > arrayMax(arrayMap(act -> if(has(start.starting, act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts)))) AS stands
        FROM (
            SELECT object_hash, toString(object_type) AS its_type, concat(object_type, '/', object_id) AS key, acts, amount, toString(currency) AS its_currency,
                toString(legal_entity) AS entity, toString(source) AS its_source, contract, project, customer, first_at, last_at, ups, names
            FROM rows_of_wanted
        ) AS own
        LEFT JOIN (
            SELECT object_hash AS state_hash, reversed FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM wanted)
        ) AS state ON state.state_hash = own.object_hash
        LEFT JOIN (
            SELECT toString(root_type) AS start_type, groupUniqArrayArray(actions) AS starting FROM process_stages WHERE position = 1 GROUP BY root_type
        ) AS start ON start.start_type = own.its_type
    ),
    standing AS (SELECT * FROM known_objects WHERE stands)
