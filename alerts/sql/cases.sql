-- Every finding about which something was decided or said by an instant, the newest first: how it stands, else as it was then.
SELECT
    case_id AS finding_id,
    last_kind AS kind,
    last_subkind AS subkind,
    last_object AS object,
    if(found.finding_id = '', 'gone', found.status) AS status,
    found.amount AS amount,
    found.currency AS currency,
    found.decided_by AS decided_by,
    found.decided_at AS decided_at,
    found.decided_until AS decided_until,
    found.note AS note,
    last_assignee AS assignee,
    entries,
    last_at
FROM (
    SELECT
        finding_id AS case_id,
        argMax(kind, place) AS last_kind,
        argMax(subkind, place) AS last_subkind,
        argMax(object, place) AS last_object,
        argMaxIf(assignee, place, action = 'assigned') AS last_assignee,
        count() AS entries,
        max(at) AS last_at
    FROM (
        SELECT finding_id, kind, subkind, object, assignee, action, at, (at, recorded_at, entry_id) AS place
        FROM case_events
        WHERE at <= {now:DateTime64(6, 'UTC')}
    )
    GROUP BY finding_id
) AS said
LEFT JOIN (
    SELECT finding_id, status, amount, currency, decided_by, decided_at, decided_until, note
    FROM findings_at(now = {now:DateTime64(6, 'UTC')})
    WHERE finding_id IN (SELECT finding_id FROM case_events)
) AS found ON found.finding_id = said.case_id
ORDER BY last_at DESC, finding_id
LIMIT {limit:UInt32}
