INSERT INTO paths (
    root_hash, root_type, root_id, version, deleted, process, process_version, cancelled, amount, currency, customer, contract, project, resource,
    legal_entity, service_line, region, engagement, period, started_at, last_event_at, cutoff_at, stages, stage_types, required, states,
    reached, completed, clock_starts, dues, stuck, object_hashes, object_keys, grades, vias, depths, reverseds
)
WITH
    9223372036854775807 AS never,
    (toDateTime64(0, 6, 'UTC'), '', '', '') AS nothing,
    facts AS (
        SELECT object.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar,
            assumeNotNull(coalesce(first_ok_at, toDateTime64(0, 6, 'UTC'))) AS anchor
        FROM (
            SELECT object_hash, object_type, object_id, acts, first_ok_at, amount, currency, customer, contract, project, resource,
                legal_entity, service_line, region, engagement, period
            FROM objects FINAL
            WHERE object_hash IN (SELECT root_hash FROM work_paths)
        ) AS object
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = object.legal_entity
    ),
    dated AS (
        SELECT facts.*, if(facts.period != '', facts.period, if(facts.first_ok_at IS NULL OR facts.first_ok_at >= fiscal.ends, '', fiscal.period)) AS fiscal_period
        FROM facts
        ASOF LEFT JOIN calendar_periods AS fiscal ON fiscal.calendar = facts.calendar AND fiscal.starts <= facts.anchor
    )
SELECT
    path.root_hash, root.object_type, root.object_id, {turn:UInt64}, 0, path.process, config.version,
    -- The last word among approval and its opposites decides; a root that another object reverses is cancelled, too.
    bitTest(state.reversed, 1) OR arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), root.acts))
        > arrayMax(arrayMap(act -> if(has(config.first_actions, act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), root.acts)),
    root.amount, root.currency, root.customer, root.contract, root.project, root.resource, root.legal_entity, root.service_line,
    root.region, root.engagement, root.fiscal_period,
    if(path.reached[1] < never, fromUnixTimestamp64Micro(if(path.reached[1] < never, path.reached[1], 0), 'UTC'), path.first_at), path.last_at,
    if(config.has_cutoff AND closing.books_close > toDateTime64(0, 6, 'UTC'), closing.books_close, NULL),
    config.stages, config.types, config.required,
    arrayMap((state, completed, due) -> if(state = 'done' AND due IS NOT NULL AND completed > assumeNotNull(due), 'late', state),
        path.states, path.completed, due_us),
    -- The value under a NULL must be an instant, too: readers convert it before they look at the NULL.
    arrayMap(at -> if(at < never, fromUnixTimestamp64Micro(if(at < never, at, 0), 'UTC'), NULL), path.reached),
    arrayMap((at, done) -> if(done, fromUnixTimestamp64Micro(at, 'UTC'), NULL), path.completed, path.complete),
    arrayMap(at -> if(at > 0, fromUnixTimestamp64Micro(at, 'UTC'), NULL), path.clock_starts),
    arrayMap(at -> if(at IS NULL, NULL, fromUnixTimestamp64Micro(assumeNotNull(at), 'UTC')), due_us),
    path.stuck, path.object_hashes, path.object_keys, path.grades, path.vias, path.depths, path.reverseds
FROM (
    SELECT path.*, arrayMap(
        place -> if(indexOf(due.positions, place) = 0, NULL, due.dues[indexOf(due.positions, place)]), arrayEnumerate(path.states)) AS due_us
    FROM work_paths AS path
    LEFT JOIN (
        SELECT root_hash, groupArray(position) AS positions, groupArray(due_us) AS dues FROM work_dues GROUP BY root_hash
    ) AS due ON due.root_hash = path.root_hash
) AS path
INNER JOIN dated AS root ON root.object_hash = path.root_hash
LEFT JOIN (
    SELECT object_hash, reversed FROM object_states FINAL WHERE object_hash IN (SELECT root_hash FROM work_paths)
) AS state ON state.object_hash = path.root_hash
LEFT JOIN (SELECT calendar, period, books_close FROM calendar_periods) AS closing
    ON closing.calendar = root.calendar AND closing.period = root.fiscal_period
INNER JOIN (
    SELECT process, any(version) AS version, groupArray(toString(stage)) AS stages, groupArray(toString(object_type)) AS types,
        groupArray(toUInt8(required)) AS required, groupArray(actions)[1] AS first_actions, max(is_cutoff) AS has_cutoff
    FROM (SELECT * FROM process_stages ORDER BY process, position)
    GROUP BY process
) AS config ON config.process = path.process
