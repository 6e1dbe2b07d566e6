-- What the events of the objects that are told anew have, so that nothing is gathered that none of them has.
SELECT countIf(notEmpty(link_types) OR notEmpty(span_links)) AS linking, countIf(correlation_id != '') AS correlated
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_members)
