-- Those that failed, ended or are reversed by others, and those of whom that was said before. Of the rest there is nothing to say.
INSERT INTO work_suspects (object_hash)
SELECT object_hash FROM objects FINAL
WHERE object_hash IN (SELECT object_hash FROM work_states) AND NOT deleted AND (notEmpty(failures) OR ended)
UNION DISTINCT
SELECT up_hash FROM links_down
WHERE reverses AND up_hash IN (SELECT object_hash FROM work_states)
UNION DISTINCT
SELECT object_hash FROM object_states
WHERE object_hash IN (SELECT object_hash FROM work_states)
