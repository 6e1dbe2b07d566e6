INSERT INTO likenesses (key_hash, other_hash)
WITH
    wanted AS (SELECT object_hash FROM work_states),
{{likeness}}
SELECT fact.1, object_hash FROM alike
UNION ALL
SELECT object_hash, fact.1 FROM alike
