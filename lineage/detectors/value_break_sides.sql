INSERT INTO work_hop_sides (hop, label, object_hash, is_out, key, amount, currency, legal_entity, period, is_silent, linked)
WITH
    sides AS MATERIALIZED (
        SELECT DISTINCT hop, label, end.1 AS object_hash, end.2 AS is_out
        FROM work_hops
        ARRAY JOIN [(up_hash, toUInt8(0)), (down_hash, toUInt8(1))] AS end
        WHERE label != 0 AND round = (SELECT max(round) FROM work_hops)
    )
SELECT
    side.hop, side.label, side.object_hash, side.is_out, told.key, told.amount, told.currency, told.legal_entity, told.period, told.is_silent, told.linked
FROM sides AS side
INNER JOIN (
    SELECT object_hash, concat(object_type, '/', object_id) AS key, amount, currency, legal_entity, period,
        arrayMap(up -> up.6, arrayFilter(up -> up.4 = 'from', ups)) AS froms,
        toUInt8(has(froms, NULL)) AS is_silent, toDecimal128(arraySum(arrayMap(each -> ifNull(each, 0), froms)), 4) AS linked
    FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM sides)
) AS told ON told.object_hash = side.object_hash
