-- One row for each thing that people decided or said about a finding, and for each time that a finding with a case was over.
CREATE OR REPLACE VIEW v_cases {{on_cluster}} AS
SELECT finding_id, at, recorded_at, action, person, until, assignee, note, kind, subkind, object, amount, currency
FROM case_events
