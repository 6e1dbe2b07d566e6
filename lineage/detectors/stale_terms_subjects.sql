-- The touched objects, and what was billed under touched contracts: a version that comes into force bears on all of it.
INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
UNION DISTINCT
SELECT object_hash FROM objects FINAL
WHERE object_type IN ('billing_event', 'invoice') AND NOT deleted AND contract IN (
    SELECT arrayJoin(names) FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_states) AND object_type = 'contract'
)
