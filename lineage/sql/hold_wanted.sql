SELECT
    object_hash, object_type, object_id, names, acts, first_at, last_at, first_ok_at, amount, currency, source, customer, contract, project,
    resource, legal_entity, service_line, region, engagement, period, ended, ups
FROM objects FINAL
WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM wanted WHERE object_hash NOT IN (SELECT object_hash FROM work_near))
