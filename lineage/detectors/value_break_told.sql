INSERT INTO work_hop_told (hop, label, object_hash, is_out, key, amount, currency, legal_entity, source, first_at, last_at, event_ids)
WITH
    sides AS MATERIALIZED (
        SELECT hop, label, object_hash, is_out, key, amount, currency, legal_entity FROM work_hop_sides
        WHERE (hop, label) IN (
            SELECT hop, label FROM work_hop_sums WHERE comparable AND (difference != 0 OR misplaced > 0)
            UNION DISTINCT
            SELECT hop, label FROM work_hop_lost
        )
    )
SELECT side.hop, side.label, side.object_hash, side.is_out, side.key, side.amount, side.currency, side.legal_entity, told.its_source, told.first_at, told.last_at,
    told.event_ids
FROM sides AS side
INNER JOIN (
    SELECT object_hash, source AS its_source, first_at, last_at, arrayMap(act -> act.6.3, arrayFilter(act -> act.4 > 0, acts)) AS event_ids
    FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM sides)
) AS told ON told.object_hash = side.object_hash
