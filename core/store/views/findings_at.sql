-- after: finding_facts_at, cases_at
-- Every finding as it stands at an instant: what the data tells, and what people decided about it. What is over by the data is
-- over, whatever was decided; what people resolved is open again with newer evidence of it.
CREATE OR REPLACE VIEW findings_at {{on_cluster}} AS
SELECT
    * EXCEPT (decision, person, told_at, told_until, told_note, known_last_seen, stands, by_people, case_finding_id)
    REPLACE (
        if(by_people = 'resolved', 'info', severity) AS severity,
        if(by_people = '', status, by_people) AS status,
        if(by_people = 'resolved', told_at, resolved_at) AS resolved_at,
        if(by_people = 'resolved', concat('person ', person), resolved_by) AS resolved_by
    ),
    if(by_people = '', '', person) AS decided_by,
    if(by_people = '', NULL, told_at) AS decided_at,
    if(by_people = '', NULL, told_until) AS decided_until,
    if(by_people = '', '', told_note) AS note
FROM (
    SELECT
        fact.*,
        decided.*,
        if(fact.status = 'open' AND decided.stands AND (decided.decision != 'resolved' OR fact.last_seen <= decided.known_last_seen),
            decided.decision, '') AS by_people
    FROM finding_facts_at(now = {now:DateTime64(6, 'UTC')}) AS fact
    LEFT JOIN cases_at(now = {now:DateTime64(6, 'UTC')}) AS decided ON decided.case_finding_id = fact.finding_id
)
