-- Every object of a touched part is a subject: what was found on any of them before is told anew or withdrawn.
INSERT INTO work_subjects (object_hash)
SELECT DISTINCT down_hash FROM work_hops WHERE label != 0
