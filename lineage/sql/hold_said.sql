-- At hand: all events of the objects that are told anew. Those of unknown ones are all new, and lie apart.
INSERT INTO work_said (
    {{said_columns}}
)
SELECT
    {{said_columns}}
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_members WHERE known)
UNION ALL
SELECT
    {{said_columns}}
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_members WHERE NOT known) AND batch > {events_from:UInt64}
