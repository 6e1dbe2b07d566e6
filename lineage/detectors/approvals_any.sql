-- Whether any of the subjects is a revenue event at all; most of what is touched is not.
SELECT count() FROM paths WHERE root_hash IN (SELECT object_hash FROM work_subjects)
