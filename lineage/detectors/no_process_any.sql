-- Whether a type of revenue events has processes for some engagements only, and is among the subjects.
SELECT count() FROM work_near
WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND object_type IN (
    SELECT root_type FROM process_stages GROUP BY root_type HAVING countIf(engagement = '') = 0
)
