-- How long hops took, by the source of the event that finished them: of several objects the last one's, in the order of events.
WITH
    done AS (
{{latency_done}}
    ),
    -- The first ok event of every action of each object, and who told it. Of nearly all there is only one, which the object names
    -- itself; of the others the events are asked.
    acted AS MATERIALIZED (
        SELECT object_hash, toString(object_type) AS object_type, toString(act.1) AS action, toString(act.2) AS role, act.4 AS oks,
            (act.5, act.6.2) AS first, names
        FROM (SELECT object_hash, object_type, acts, names FROM objects FINAL WHERE NOT deleted)
        ARRAY JOIN acts AS act
        WHERE act.4 > 0 AND (object_type, act.1) IN (SELECT object_type, arrayJoin(actions) FROM process_stages)
    ),
    firsts AS (
        SELECT object_hash, object_type, action, role, first FROM acted WHERE oks = 1
        UNION ALL
        SELECT often.object_hash, often.object_type, often.action, often.role, min((told.occurred_at, told.source)) AS first
        FROM (
            SELECT object_hash, object_type, action, role, sipHash64(object_type, arrayJoin(names)) AS name_hash FROM acted WHERE oks > 1
        ) AS often
        INNER JOIN (
            SELECT event.object_hash AS name_hash, toString(event.action) AS action, event.occurred_at AS occurred_at, toString(event.source) AS source,
                if(sender.role = '', 'unknown', toString(sender.role)) AS role
            FROM events AS event
            LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = event.source
            WHERE event.outcome = 'ok' AND event.object_hash IN (SELECT sipHash64(object_type, arrayJoin(names)) FROM acted WHERE oks > 1)
        ) AS told ON told.name_hash = often.name_hash AND told.action = often.action AND told.role = often.role
        GROUP BY often.object_hash, often.object_type, often.action, often.role
    ),
    -- When each object was through each stage, and who said so.
    through AS MATERIALIZED (
        SELECT object_hash, process, position, min(first) AS first
        FROM firsts
        INNER JOIN (
            SELECT toString(process) AS process, position, toString(object_type) AS object_type, arrayJoin(actions) AS action, roles FROM process_stages
        ) AS stage ON stage.object_type = firsts.object_type AND stage.action = firsts.action
        WHERE empty(stage.roles) OR has(stage.roles, firsts.role)
        GROUP BY object_hash, process, position
    ),
    tail_through AS (
        SELECT held.tail_hash AS tail_hash, through.process AS process, through.position AS position, max(through.first) AS last
        FROM (
            SELECT tail_hash, object_hash
            FROM (SELECT tail_hash, object_hashes, reverseds FROM tails FINAL)
            ARRAY JOIN object_hashes AS object_hash, reverseds AS reversed
            WHERE NOT reversed
        ) AS held
        INNER JOIN through ON through.object_hash = held.object_hash
        GROUP BY held.tail_hash, through.process, through.position
    ),
    grouped AS (
        SELECT done.*, if(has_root, greatest(of_tail.last, of_root.first), of_tail.last).2 AS group_name
        FROM done
        LEFT JOIN (SELECT tail_hash AS its_tail, process AS its_process, position AS its_position, last FROM tail_through) AS of_tail
            ON of_tail.its_tail = done.tail_hash AND of_tail.its_process = done.process AND of_tail.its_position = done.position
        LEFT JOIN (SELECT object_hash AS its_root, process AS its_process, position AS its_position, first FROM through) AS of_root
            ON of_root.its_root = done.root_hash AND of_root.its_process = done.process AND of_root.its_position = done.position
    )
{{latency_figures}}
ORDER BY group_name, process, position
