SELECT count() FROM (
    SELECT 1 FROM event_ids
    WHERE (day, identity) IN ({{conflict_identities}})
    GROUP BY identity
    HAVING uniqExact(content_hash) > 1
)
