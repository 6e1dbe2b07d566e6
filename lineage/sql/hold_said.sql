-- At hand: all events of the objects that are told anew.
INSERT INTO work_said (
    {{said_columns}}
)
SELECT
    {{said_columns}}
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_members)
