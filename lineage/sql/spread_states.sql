-- What those take off others bears on them, too: one that is reversed itself takes nothing off any more.
INSERT INTO work_states (object_hash)
SELECT DISTINCT up_hash
FROM (
    SELECT arrayJoin(takes).1 AS up_hash FROM objects FINAL
    WHERE object_hash IN (SELECT object_hash FROM work_taken) AND NOT deleted AND notEmpty(takes)
)
WHERE up_hash NOT IN (SELECT object_hash FROM work_states)
