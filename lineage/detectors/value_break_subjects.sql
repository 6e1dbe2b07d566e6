-- The touched objects, what was made from them, and what they are or ever were made from: a part of which something was taken
-- away is told anew as well.
INSERT INTO work_subjects (object_hash)
WITH
    touched AS MATERIALIZED (
        SELECT object_hash FROM work_states
        UNION DISTINCT
        SELECT object_hash FROM work_members
    )
SELECT object_hash FROM touched
UNION DISTINCT
SELECT down_hash FROM work_downs WHERE down_hash != 0 AND up_hash IN (SELECT object_hash FROM touched)
UNION DISTINCT
SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM touched)
