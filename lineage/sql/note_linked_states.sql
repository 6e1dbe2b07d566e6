-- And what they reverse, and those of their siblings that ever failed, since a sibling of the same make can settle a failure.
INSERT INTO work_states (object_hash)
SELECT object_hash
FROM (
    SELECT up_hash AS object_hash FROM work_ups WHERE relation = 'reverses'
    UNION DISTINCT
    -- And what they once reversed, which they may not any more.
    SELECT object_hash FROM taken_objects
    WHERE object_hash IN (SELECT up_hash FROM links_up WHERE down_hash IN (SELECT class_hash FROM work_members))
    UNION DISTINCT
    SELECT object_hash FROM failed_objects
    WHERE object_hash IN (
        SELECT down_hash FROM links_down WHERE process = '' AND up_hash IN (SELECT up_hash FROM work_ups WHERE process = '')
    )
)
WHERE object_hash NOT IN (SELECT object_hash FROM work_states)
