-- Who was told anew, under all names, and what it is or was made from: who is free to be matched may have changed.
INSERT INTO work_matchable (object_hash)
SELECT object_hash FROM work_members
UNION DISTINCT
SELECT class_hash FROM work_members
UNION DISTINCT
SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_members)
