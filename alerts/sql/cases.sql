-- Every finding about which something was decided or said by an instant, or only those whose id begins so, the newest first: how it
-- stands, else as it was then; and the last that a person did, which is told also where it does not stand any more.
SELECT
    case_id AS finding_id,
    last_kind AS kind,
    last_subkind AS subkind,
    last_object AS object,
    if(found.finding_id = '', 'gone', found.status) AS status,
    if(found.finding_id = '', told_money.1, found.amount) AS amount,
    if(found.finding_id = '', told_money.2, found.currency) AS currency,
    found.decided_by AS decided_by,
    found.decided_at AS decided_at,
    found.decided_until AS decided_until,
    found.note AS note,
    last_assignee AS assignee,
    entries,
    last_at,
    toString(told_last.1) AS last_action,
    told_last.2 AS last_person,
    told_last.3 AS last_note
FROM (
    SELECT
        finding_id AS case_id,
        argMax(kind, place) AS last_kind,
        argMax(subkind, place) AS last_subkind,
        argMax(object, place) AS last_object,
        -- What is gone has no amount when its case is closed: the last one is that of a person's entry.
        argMaxIf((amount, toString(currency)), place, person != '') AS told_money,
        argMaxIf((action, person, note), place, person != '') AS told_last,
        argMaxIf(assignee, place, action = 'assigned') AS last_assignee,
        count() AS entries,
        max(at) AS last_at
    FROM (
        SELECT finding_id, kind, subkind, object, amount, currency, person, note, assignee, action, at, (at, recorded_at, entry_id) AS place
        FROM case_events
        WHERE at <= {now:DateTime64(6, 'UTC')} AND startsWith(finding_id, {finding:String})
    )
    GROUP BY finding_id
) AS said
LEFT JOIN (
    SELECT finding_id, status, amount, toString(currency) AS currency, decided_by, decided_at, decided_until, note
    FROM findings_at(now = {now:DateTime64(6, 'UTC')})
    WHERE finding_id IN (SELECT finding_id FROM case_events)
) AS found ON found.finding_id = said.case_id
ORDER BY last_at DESC, finding_id
LIMIT {limit:UInt32}
