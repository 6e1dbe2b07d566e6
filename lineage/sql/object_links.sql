-- What the links of each object are, and what it reverses.
    linked AS (
        SELECT
            class_hash,
            arraySort(groupArray((process, up_hash, concat(up_type, '/', up_id), relation,
                if(grade = 4 AND (up_hash IN (SELECT class_hash FROM work_classes)
                    OR class_hash IN (SELECT class_hash FROM work_classes)), 3, grade),
                amount, rule, event_id))) AS ups,
            arraySort(groupUniqArrayIf(up_hash, process = '' AND relation = 'from')) AS made_from
        FROM work_ups
        GROUP BY class_hash
    ),
    reversing AS (
        SELECT class_hash, arraySort(groupArray((up, said.1, said.2, said.3,
            arraySort(arrayMap(each -> each.1, arrayFilter(each -> each.2 = ifNull(toString(said.1), ''), says)))))) AS takes
        FROM (
            -- What the latest ok event of the reversing object takes off the other; its links to it add up.
            SELECT class_hash, up, argMax((event_takes, currency, said_at), place) AS said,
                groupArray((said_at, ifNull(toString(event_takes), ''))) AS says
            FROM (
                SELECT said.class_hash AS class_hash, if(class.class_hash = 0, said.target_hash, class.class_hash) AS up, said.place AS place,
                    any(said.currency) AS currency, any(said.said_at) AS said_at,
                    if(countIf(said.taken IS NULL) > 0, NULL, sum(said.taken)) AS event_takes
                FROM (SELECT * FROM work_targets WHERE relation = 'reverses' AND ok) AS said
                LEFT JOIN (SELECT object_hash, class_hash FROM work_classes) AS class ON class.object_hash = said.target_hash
                GROUP BY class_hash, up, place
            )
            GROUP BY class_hash, up
            HAVING up != class_hash
        )
        GROUP BY class_hash
    )
