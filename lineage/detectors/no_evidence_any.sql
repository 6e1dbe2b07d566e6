-- Whether anything behind the revenue events told of recognized revenue, under any of its names.
SELECT count() FROM events
WHERE measure = 'recognized' AND object_hash IN (
    SELECT sipHash64(object_type, arrayJoin(names)) FROM objects
    WHERE object_hash IN (SELECT object_hash FROM work_nodes) AND NOT deleted
)
