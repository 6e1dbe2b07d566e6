    -- When and by which event other objects took `wanted` ones back: the last of those that do so, as only together they may take
    -- back the whole. What is void takes nothing back, nor who is taken back.
    reversals AS (
        SELECT take.1 AS reversed_hash, max((take.5, take.6)) AS taken
        FROM objects FINAL
        ARRAY JOIN takes AS take
        WHERE NOT deleted AND NOT take.4 AND object_hash IN (
            SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM wanted)
        ) AND object_hash NOT IN (
            SELECT object_hash FROM object_states FINAL WHERE bitTest(reversed, 1) AND object_hash IN (
                SELECT down_hash FROM links_down WHERE reverses AND up_hash IN (SELECT object_hash FROM wanted)
            )
        )
        GROUP BY reversed_hash
    )
