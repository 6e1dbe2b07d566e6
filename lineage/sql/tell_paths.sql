-- The paths of the slice: what detectors read, and what is kept.
INSERT INTO work_told (
    {{path_columns}}
)
WITH
    9223372036854775807 AS never,
    dated AS (
        SELECT path.*, if(path.period != '', path.period, if(path.first_ok_at IS NULL OR path.first_ok_at >= fiscal.ends, '', fiscal.period)) AS fiscal_period
        FROM (
            SELECT path.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar,
                assumeNotNull(coalesce(first_ok_at, toDateTime64(0, 6, 'UTC'))) AS anchor
            FROM work_paths AS path
            LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
        ) AS path
        ASOF LEFT JOIN calendar_periods AS fiscal ON fiscal.calendar = path.calendar AND fiscal.starts <= path.anchor
    )
SELECT
    path.root_hash, path.root_type, path.root_id, path.process, config.version, path.tail_hash, path.reversed, path.weakest,
    path.objects, path.cancelled, path.amount, path.currency,
    -- As it was, until it is shared out anew.
    share.credited, path.customer, path.contract, path.project, path.resource, path.legal_entity,
    path.service_line, path.region, path.engagement, path.fiscal_period, path.started_at, path.first_ok_at, path.last_at,
    if(config.has_cutoff AND closing.books_close > toDateTime64(0, 6, 'UTC'), closing.books_close, NULL),
    config.stages, config.types, config.required,
    arrayMap((state, completed, due) -> if(state = 'done' AND due IS NOT NULL AND completed > assumeNotNull(due), 'late', state),
        path.states, path.completed, due_us),
    -- The value under a NULL must be an instant, too: readers convert it before they look at the NULL.
    arrayMap(at -> if(at < never, fromUnixTimestamp64Micro(if(at < never, at, 0), 'UTC'), NULL), path.reached),
    arrayMap((at, done) -> if(done, fromUnixTimestamp64Micro(at, 'UTC'), NULL), path.completed, path.complete),
    arrayMap(at -> if(at > 0, fromUnixTimestamp64Micro(at, 'UTC'), NULL), path.clock_starts),
    arrayMap(at -> if(at IS NULL, NULL, fromUnixTimestamp64Micro(assumeNotNull(at), 'UTC')), due_us),
    path.stuck
FROM (
    SELECT path.*, arrayMap(
        place -> if(indexOf(due.positions, place) = 0, NULL, due.dues[indexOf(due.positions, place)]), arrayEnumerate(path.states)) AS due_us
    FROM dated AS path
    LEFT JOIN (
        SELECT root_hash, groupArray(position) AS positions, groupArray(due_us) AS dues FROM work_dues GROUP BY root_hash
    ) AS due ON due.root_hash = path.root_hash
) AS path
LEFT JOIN (
    SELECT root_hash, sum(amount) AS credited FROM credit_shares FINAL
    WHERE root_hash IN (SELECT root_hash FROM work_roots) AND NOT deleted
    GROUP BY root_hash
) AS share ON share.root_hash = path.root_hash
LEFT JOIN (SELECT calendar, period, books_close FROM calendar_periods) AS closing
    ON closing.calendar = path.calendar AND closing.period = path.fiscal_period
INNER JOIN (
    SELECT process, any(version) AS version, groupArray(toString(stage)) AS stages, groupArray(toString(object_type)) AS types,
        groupArray(toUInt8(required)) AS required, max(is_cutoff) AS has_cutoff
    FROM (SELECT * FROM process_stages ORDER BY process, position)
    GROUP BY process
) AS config ON config.process = path.process
