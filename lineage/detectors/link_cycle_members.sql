-- Every object of a ring is a subject, so that a ring that has grown is told of under one name only.
INSERT INTO work_subjects (object_hash)
SELECT DISTINCT node FROM (
    SELECT start, node FROM work_rings GROUP BY start, node HAVING uniqExact(downward) = 2
)
