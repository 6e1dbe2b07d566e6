-- What people have decided about a finding at an instant, one row a finding. The last decision counts. It stands until its
-- instant; one that has none, and any but a waiver, only until the finding is over.
CREATE OR REPLACE VIEW cases_at {{on_cluster}} AS
SELECT
    case_finding_id,
    last.1 AS decision,
    last.2 AS person,
    toNullable(last.3) AS told_at,
    last.4 AS told_until,
    last.5 AS told_note,
    last.6 AS known_last_seen,
    last.1 IN ('acknowledged', 'resolved', 'waived') AND (last.4 IS NULL OR last.4 > {now:DateTime64(6, 'UTC')})
        AND (closed < last_place OR last.1 = 'waived' AND last.4 IS NOT NULL) AS stands,
    person_assigned AS assignee
FROM (
    SELECT
        finding_id AS case_finding_id,
        argMaxIf((action, person, at, until, note, last_seen), place, decides) AS last,
        maxIf(place, decides) AS last_place,
        maxIf(place, action = 'closed') AS closed,
        argMaxIf(assignee, place, action = 'assigned') AS person_assigned
    FROM (
        SELECT finding_id, toString(action) AS action, person, at, until, assignee, note, last_seen,
            (at, recorded_at, entry_id) AS place, action IN ('acknowledged', 'resolved', 'waived', 'reopened') AS decides
        FROM case_events
        WHERE at <= {now:DateTime64(6, 'UTC')}
    )
    GROUP BY finding_id
)
