-- The touched objects: not shared with other detectors, since whoever is in a ring with them becomes a subject of this one only.
INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
