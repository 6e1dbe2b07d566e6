-- Objects whose events cannot be put in order by their instants alone: of several names, or with two events at one instant;
-- and those that have no event.
INSERT INTO work_tangled (object_hash)
SELECT object_hash FROM work_members
WHERE class_hash IN (SELECT class_hash FROM work_members WHERE object_hash != class_hash)
    OR object_hash NOT IN (SELECT object_hash FROM work_said)
UNION DISTINCT
SELECT object_hash FROM work_said
GROUP BY object_hash, occurred_at
HAVING count() > 1
