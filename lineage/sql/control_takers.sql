-- Whoever takes money off these objects, by all names.
SELECT by_hash FROM control_reversals WHERE target_hash IN (SELECT object_hash FROM work_control_members)
UNION DISTINCT
SELECT alias_hash FROM v_aliases WHERE object_hash IN (
    SELECT object_hash FROM v_aliases WHERE alias_hash IN (
        SELECT by_hash FROM control_reversals WHERE target_hash IN (SELECT object_hash FROM work_control_members)
    )
)
