-- Note which findings are over that somebody had decided about, so that the decision does not outlive a reopening.
INSERT INTO case_events (finding_id, at, recorded_at, entry_id, action, note, kind, subkind, object, amount, currency, last_seen)
SELECT
    open_case.case_id, {now:DateTime64(6, 'UTC')}, {recorded_at:DateTime64(6, 'UTC')}, {entry:String}, 'closed',
    if(fact.finding_id = '', 'the data does not tell it any more', fact.resolved_by),
    open_case.last_kind, open_case.last_subkind, open_case.last_object, fact.amount, fact.currency, fact.last_seen
FROM (
    SELECT
        finding_id AS case_id,
        argMax(kind, place) AS last_kind,
        argMax(subkind, place) AS last_subkind,
        argMax(object, place) AS last_object
    FROM (
        SELECT finding_id, toString(kind) AS kind, toString(subkind) AS subkind, object, action, (at, recorded_at, entry_id) AS place
        FROM case_events
        WHERE at <= {now:DateTime64(6, 'UTC')} AND action NOT IN ('assigned', 'commented')
    )
    GROUP BY finding_id
    HAVING argMax(action, place) NOT IN ('closed', 'reopened')
) AS open_case
LEFT JOIN (
    SELECT finding_id, status, resolved_by, amount, toString(currency) AS currency, last_seen
    FROM finding_facts_at(now = {now:DateTime64(6, 'UTC')})
    WHERE finding_id IN (SELECT finding_id FROM case_events)
) AS fact ON fact.finding_id = open_case.case_id
WHERE fact.finding_id = '' OR fact.status = 'resolved'
