-- Every stretch without a word of a source that was longer than expected. The one that follows its newest word begins at the
-- instant it is due (told at read time), and is over with the next word; those that are over are one row, which the finding keeps.
-- Nobody is at work when the office is closed: what would be due then is due when it opens, by the default calendar. Shorter
-- silences than an hour leave nothing when they are over.
WITH
    expected AS MATERIALIZED (
        SELECT name, expected_every_seconds FROM sources FINAL
        WHERE expected_every_seconds > 0 AND name IN (SELECT source FROM work_sources)
    ),
    gaps AS (
        SELECT sender, heard, again, every_seconds, expected_at, before.closes AS closes, after.opens AS next_opens,
            multiIf(closes > expected_at, expected_at, next_opens > expected_at, next_opens, expected_at) AS silent_from
        FROM (
            SELECT sender, heard, again, expected.expected_every_seconds AS every_seconds, addSeconds(heard.1, expected.expected_every_seconds) AS expected_at,
                'default' AS calendar
            FROM (
                SELECT sender, last_word AS heard,
                    leadInFrame(first_word) OVER (PARTITION BY sender ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS again
                FROM (
                    SELECT toString(source) AS sender, hour, min(first) AS first_word, max(last) AS last_word FROM source_hours
                    WHERE source IN (SELECT name FROM expected)
                    GROUP BY source, hour
                )
            ) AS word
            INNER JOIN expected ON expected.name = word.sender
            WHERE again.2 = '' OR again.1 > expected_at
        ) AS word
        ASOF LEFT JOIN (SELECT toString(calendar) AS calendar, opens, closes FROM calendar_hours) AS before
            ON before.calendar = word.calendar AND before.opens <= word.expected_at
        ASOF LEFT JOIN (SELECT toString(calendar) AS calendar, opens FROM calendar_hours) AS after
            ON after.calendar = word.calendar AND after.opens > word.expected_at
    )
SELECT
    if(is_past, sipHash64(sender, 'past'), sipHash64(sender)) AS subject_hash,
    '' AS root,
    'silent_source' AS kind,
    '' AS subkind,
    'finance_critical' AS class,
    if(is_past, 'info', 'critical') AS severity,
    concat('source/', sender) AS object,
    '' AS process,
    '' AS stage,
    sender AS source,
    '' AS legal_entity,
    NULL AS amount,
    '' AS currency,
    min(silent_from) AS first_seen,
    if(is_past, max(again).1, first_seen) AS last_seen,
    max(heard).1 AS clock_start,
    first_seen AS due_at,
    if(is_past, max(again).1, NULL) AS resolved_at,
    if(is_past, concat('event ', max(again).2), '') AS resolved_by,
    if(is_past, [max(heard).2, max(again).2], [max(heard).2]) AS evidence,
    if(is_past,
        concat('Source ', sender, ' was silent for longer than ', formatReadableTimeDelta(any(every_seconds), 'days', 'seconds'), ' ',
            if(count() = 1, 'once', concat(toString(count()), ' times')), ', last until ', formatDateTime(max(again).1, '%Y-%m-%d %H:%i'), ' UTC.'),
        concat('Source ', sender, ' was last heard of at ', formatDateTime(max(heard).1, '%Y-%m-%d %H:%i'), ' UTC; it is expected at least every ',
            formatReadableTimeDelta(any(every_seconds), 'days', 'seconds'), '.')) AS explanation
FROM (SELECT *, toUInt8(again.2 != '') AS is_past FROM gaps WHERE again.2 = '' OR again.1 > silent_from)
GROUP BY sender, is_past
