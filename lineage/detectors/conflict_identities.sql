-- Those of the identities that have events of several days or contents, with the days.
SELECT day, identity FROM event_versions
WHERE identity IN (
    SELECT identity FROM event_versions
    WHERE identity IN (SELECT object_hash FROM work_subjects)
    GROUP BY identity
    HAVING uniqExact((day, content)) > 1
)
