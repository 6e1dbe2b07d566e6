-- What hangs on a class whose name may have changed: what was made from it, and what shares its correlation ids.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT object_hash, object_type, object_id
FROM objects FINAL
WHERE object_hash IN (
    SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM work_labels)
)
UNION ALL
SELECT object_hash, object_type, object_id
FROM correlations
WHERE correlation_hash IN (
    SELECT sipHash64(correlation_id) FROM events
    WHERE object_hash IN (SELECT object_hash FROM work_labels) AND correlation_id != ''
)
