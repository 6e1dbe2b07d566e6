-- And whoever was posted with the same key: one can settle the failure of another.
INSERT INTO work_states (object_hash)
WITH use AS MATERIALIZED (
    SELECT DISTINCT object_hash FROM idempotency_uses
    WHERE key_hash IN (
        SELECT sipHash64(idempotency_key) FROM work_said
        WHERE idempotency_key != ''
    )
)
SELECT DISTINCT if(class.class_hash = 0, use.object_hash, class.class_hash) AS user_hash
FROM use
LEFT JOIN (
    SELECT object_hash, class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT object_hash FROM use)
) AS class ON class.object_hash = use.object_hash
WHERE user_hash NOT IN (SELECT object_hash FROM work_states)
