    -- The ok events of the `asked` objects, with their instants.
    own_proofs AS MATERIALIZED (
        SELECT object_hash, arraySort(arrayMap(act -> (act.5, act.6.3), arrayFilter(act -> act.4 > 0, acts))) AS own_events,
            arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), acts)) AS own_end
        FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM asked_objects)
    )
