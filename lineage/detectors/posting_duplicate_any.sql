-- Whether a key was used on two objects, or two invoices or postings were made from one object.
SELECT sum(pairs) FROM (
    SELECT count() AS pairs FROM (
        SELECT 1 FROM idempotency_uses
        WHERE outcome = 'ok' AND key_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY key_hash, object_type
        HAVING uniqExact(object_hash) > 1
    )
    UNION ALL
    SELECT count() FROM (
        SELECT 1 FROM work_downs
        WHERE process = '' AND down_type IN ('invoice', 'journal_posting') AND up_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY up_hash, down_type
        HAVING uniqExact(down_hash) > 1
    )
)
