-- The newest instant that a source told of and how long it may be silent; the finding is open from then on, until it is heard
-- again. Nobody is at work when the office is closed: what would be due then is due when it opens, by the default calendar.
SELECT
    sipHash64(sender) AS subject_hash,
    '' AS root,
    'silent_source' AS kind,
    '' AS subkind,
    'finance_critical' AS class,
    'critical' AS severity,
    concat('source/', sender) AS object,
    '' AS process,
    '' AS stage,
    sender AS source,
    '' AS legal_entity,
    NULL AS amount,
    '' AS currency,
    multiIf(closes > expected_at, expected_at, next_opens > expected_at, next_opens, expected_at) AS first_seen,
    first_seen AS last_seen,
    heard_at AS clock_start,
    first_seen AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    [] AS evidence,
    concat('Source ', sender, ' was last heard of at ', formatDateTime(heard_at, '%Y-%m-%d %H:%i'), ' UTC; it is expected at least every ',
        formatReadableTimeDelta(every_seconds, 'days', 'seconds'), '.') AS explanation
FROM (
    SELECT heard.sender AS sender, heard.heard_at AS heard_at, heard.expected_at AS expected_at, heard.every_seconds AS every_seconds,
        before.closes AS closes, after.opens AS next_opens
    FROM (
        SELECT told.sender AS sender, told.heard_at AS heard_at, declared.expected_every_seconds AS every_seconds,
            addSeconds(told.heard_at, declared.expected_every_seconds) AS expected_at, 'default' AS calendar
        FROM (
            SELECT toString(source) AS sender, max(last_at) AS heard_at FROM source_facts
            WHERE source IN (SELECT source FROM work_sources)
            GROUP BY source
        ) AS told
        INNER JOIN (SELECT name, expected_every_seconds FROM sources FINAL WHERE expected_every_seconds > 0) AS declared ON declared.name = told.sender
    ) AS heard
    ASOF LEFT JOIN (SELECT toString(calendar) AS calendar, opens, closes FROM calendar_hours) AS before
        ON before.calendar = heard.calendar AND before.opens <= heard.expected_at
    ASOF LEFT JOIN (SELECT toString(calendar) AS calendar, opens FROM calendar_hours) AS after
        ON after.calendar = heard.calendar AND after.opens > heard.expected_at
)
