INSERT INTO work_hop_sides (
    hop, label, object_hash, is_out, key, amount, currency, legal_entity, source, period, name_hashes, froms, first_at, last_at, event_ids
)
WITH
    sides AS MATERIALIZED (
        SELECT DISTINCT hop, label, end.1 AS object_hash, end.2 AS is_out
        FROM work_hops
        ARRAY JOIN [(up_hash, toUInt8(0)), (down_hash, toUInt8(1))] AS end
        WHERE label != 0 AND round = (SELECT max(round) FROM work_hops)
    )
SELECT
    side.hop, side.label, side.object_hash, side.is_out, concat(told.object_type, '/', told.object_id), told.amount, told.currency, told.legal_entity,
    told.source, told.period, arrayMap(name -> sipHash64(told.object_type, name), told.names),
    arrayMap(up -> (up.2, up.6), arrayFilter(up -> up.4 = 'from', told.ups)), told.first_at, told.last_at,
    arrayMap(act -> act.6.3, arrayFilter(act -> act.4 > 0, told.acts))
FROM sides AS side
INNER JOIN (
    SELECT object_hash, toString(object_type) AS object_type, object_id, amount, currency, legal_entity, source, period, names, ups, acts, first_at, last_at
    FROM objects FINAL
    WHERE object_hash IN (SELECT object_hash FROM sides) AND NOT deleted
) AS told ON told.object_hash = side.object_hash
