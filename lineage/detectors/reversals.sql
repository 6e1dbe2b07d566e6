    -- When and by which event other objects took `wanted` ones back: the last of those that say so, as only together they may take
    -- back the whole.
    reversals AS (
        SELECT up.2 AS reversed_hash,
            max((if(act_at > toDateTime64(0, 6, 'UTC'), act_at, ifNull(first_ok_at, first_at)), up.8)) AS taken
        FROM (
            SELECT first_at, first_ok_at, up, arrayFirst(act -> act.4 > 0 AND act.6.3 = up.8, acts).6.1 AS act_at
            FROM objects FINAL
            ARRAY JOIN ups AS up
            WHERE NOT deleted AND up.4 = 'reverses' AND object_hash IN (
                SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM wanted)
            )
        )
        GROUP BY reversed_hash
    )
