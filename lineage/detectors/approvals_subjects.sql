-- The touched objects, and the work on projects that were touched: what an ERP says of a project bears on all work on it.
INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
UNION DISTINCT
SELECT object_hash FROM objects FINAL
WHERE object_type IN ('time_entry', 'expense_item') AND NOT deleted AND project IN (
    SELECT arrayJoin(names) FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_states) AND object_type = 'project'
)
