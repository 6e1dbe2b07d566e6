-- Whose state is to be told anew: the changed objects, what they are made from or reverse, and those of their siblings that
-- ever failed, since a sibling of the same make or with the same key can settle a failure.
INSERT INTO work_states (object_hash)
SELECT DISTINCT class_hash FROM work_members
UNION DISTINCT
SELECT up_hash FROM work_ups WHERE relation = 'reverses'
UNION DISTINCT
-- And what they once reversed, which they may not any more.
SELECT object_hash FROM taken_objects
WHERE object_hash IN (SELECT up_hash FROM links_up WHERE down_hash IN (SELECT class_hash FROM work_members))
UNION DISTINCT
SELECT object_hash FROM failed_objects
WHERE object_hash IN (
    SELECT down_hash FROM links_down WHERE process = '' AND up_hash IN (SELECT up_hash FROM work_ups WHERE process = '')
)
UNION DISTINCT
SELECT if(class.class_hash = 0, use.object_hash, class.class_hash)
FROM (
    SELECT object_hash FROM idempotency_uses
    WHERE key_hash IN (
        SELECT sipHash64(idempotency_key) FROM events
        WHERE object_hash IN (SELECT object_hash FROM work_members) AND idempotency_key != ''
    )
) AS use
LEFT JOIN (
    SELECT object_hash, class_hash FROM alias_classes FINAL
    WHERE object_hash IN (
        SELECT object_hash FROM idempotency_uses
        WHERE key_hash IN (
            SELECT sipHash64(idempotency_key) FROM events
            WHERE object_hash IN (SELECT object_hash FROM work_members) AND idempotency_key != ''
        )
    )
) AS class ON class.object_hash = use.object_hash
