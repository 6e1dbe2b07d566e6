{{reversals}},
    -- The `wanted` objects that do not stand, and `gone`: when they were taken back, and by which event.
    departed AS (
        SELECT own.object_hash AS object_hash, own.object_type AS object_type, own.key AS key, own.acts AS acts, own.amount AS amount, own.currency AS currency,
            own.legal_entity AS legal_entity, own.source AS source, own.first_at AS first_at, own.last_at AS last_at, own.ups AS ups, own.names AS names,
            greatest(taken.taken, arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), own.acts))) AS gone
        FROM (SELECT * FROM known_objects WHERE NOT stands) AS own
        LEFT JOIN reversals AS taken ON taken.reversed_hash = own.object_hash
    )
