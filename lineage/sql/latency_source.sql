-- How long hops took, by the source of the event that finished them: of several objects the last one's, in the order of events.
WITH
    done AS (
{{latency_done}}
    ),
    -- The first ok event of every action, by the source that told it, of each object under its one name.
    firsts AS (
        SELECT if(class.class_hash = 0, told.object_hash, class.class_hash) AS object_hash, told.object_type AS object_type,
            told.action AS action, told.role AS role, min(told.first_told) AS first
        FROM (
            SELECT object_hash, toString(object_type) AS object_type, toString(action) AS action, if(sender.role = '', 'unknown', toString(sender.role)) AS role,
                
                min((occurred_at, toString(source))) AS first_told
            FROM events
            LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = events.source
            WHERE outcome = 'ok' AND (object_type, action) IN (SELECT object_type, arrayJoin(actions) FROM process_stages)
            GROUP BY object_hash, object_type, action, role
        ) AS told
        LEFT JOIN (SELECT object_hash, class_hash FROM alias_classes FINAL) AS class ON class.object_hash = told.object_hash
        GROUP BY object_hash, object_type, action, role
    ),
    -- When each object was through each stage, and who said so.
    through AS (
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
            FROM (SELECT tail_hash, object_hashes, reverseds FROM tails FINAL WHERE tail_hash IN (SELECT tail_hash FROM done))
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
