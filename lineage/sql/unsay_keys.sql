-- Idempotency keys that superseded events used and no event of the object uses any more.
DELETE FROM idempotency_uses
WHERE object_hash IN (
    SELECT object_hash FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND idempotency_key != ''
)
AND (key_hash, object_hash, action, outcome, occurred_at) NOT IN (
    SELECT sipHash64(idempotency_key), object_hash, action, outcome, occurred_at FROM events
    WHERE idempotency_key != '' AND object_hash IN (
        SELECT object_hash FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND idempotency_key != ''
    )
)
