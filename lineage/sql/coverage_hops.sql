-- Every hop from one type of object to the next, in every process that has revenue events: what has arrived before it, what has no
-- object behind it though one is due (lost) or not yet due (waiting), whether that is the first such hop of its path, and the links
-- that there are. A row a currency. Objects behind that are on no path (loose) say that ids were lost, not that nothing was made.
WITH
    types AS MATERIALIZED (
        SELECT toString(process) AS process, type_place, any(toString(object_type)) AS object_type, argMin(toString(stage), position) AS stage,
            min(position) AS place, argMin(required, position) AS required
        FROM process_stages
        GROUP BY process, type_place
    ),
    hops AS MATERIALIZED (
        SELECT down.process AS process, up.object_type AS up_type, down.object_type AS down_type, down.stage AS stage, down.place AS place,
            down.required AS required
        FROM types AS down
        INNER JOIN types AS up ON up.process = down.process AND up.type_place = down.type_place - 1
    ),
    walked AS (
        SELECT toString(process) AS process, root_hash, toString(root_type) AS root_type, tail_hash, toString(currency) AS currency, amount, reached, required,
            arrayMap((state, due) -> if(state = 'pending' AND due IS NOT NULL AND assumeNotNull(due) < {now:DateTime64(6, 'UTC')}, 'overdue', toString(state)),
                states, dues) AS states_now
        FROM paths FINAL
        WHERE NOT deleted AND NOT cancelled AND ({process:String} = '' OR process = {process:String})
    ),
    held AS (
        SELECT tail_hash AS its_tail, arrayDistinct(arrayMap(key -> splitByChar('/', key)[1], object_keys)) AS its_types FROM tails FINAL
    ),
    crossed AS (
        SELECT path.process AS process, path.currency AS currency, path.amount AS amount, hop.up_type AS up_type, hop.down_type AS down_type,
            hop.stage AS stage, hop.place AS place,
            has(held.its_types, hop.down_type) OR path.root_type = hop.down_type AS linked,
            -- The nearest required stage before: was there anything to be handed over?
            path.reached[arrayLastIndex((needed, position) -> needed = 1 AND position < hop.place, path.required, arrayEnumerate(path.required))] IS NOT NULL AS arrived,
            NOT linked AND hop.required AND path.states_now[hop.place] IN ('overdue', 'skipped') AS is_lost,
            NOT linked AND hop.required AND path.states_now[hop.place] = 'pending' AND arrived AS is_waiting,
            path.root_hash AS root_hash
        FROM walked AS path
        INNER JOIN hops AS hop ON hop.process = path.process
        LEFT JOIN held ON held.its_tail = path.tail_hash
    ),
    told AS (
        SELECT process, up_type, down_type, stage, place, currency, countIf(arrived OR linked OR is_lost) AS roots, countIf(linked) AS linked_roots,
            countIf(is_lost) AS lost, sumIf(amount, is_lost) AS lost_amount, countIf(is_waiting) AS waiting,
            countIf(is_lost AND place = first_lost) AS lost_first, sumIf(amount, is_lost AND place = first_lost) AS lost_first_amount
        FROM (
            SELECT crossed.*, minIf(place, is_lost) OVER (PARTITION BY root_hash) AS first_lost FROM crossed
        )
        GROUP BY process, up_type, down_type, stage, place, currency
    ),
    links AS (
        SELECT splitByChar('/', link.3)[1] AS up_type, toString(object_type) AS down_type, toString(link.1) AS of_process, count() AS links
        FROM objects FINAL
        ARRAY JOIN ups AS link
        WHERE NOT deleted
        GROUP BY up_type, down_type, of_process
    ),
    loose AS (
        SELECT toString(object_type) AS its_type, count() AS objects
        FROM objects FINAL
        WHERE NOT deleted AND object_type IN (SELECT down_type FROM hops)
            AND object_hash NOT IN (SELECT root_hash FROM paths FINAL WHERE NOT deleted)
            AND object_hash NOT IN (
                SELECT arrayJoin(object_hashes) FROM tails FINAL WHERE tail_hash IN (SELECT tail_hash FROM paths FINAL WHERE NOT deleted)
            )
        GROUP BY object_type
    ),
    joined AS (
        SELECT hop.process AS its_process, hop.place AS its_place, sum(links.links) AS links
        FROM hops AS hop
        INNER JOIN links ON links.up_type = hop.up_type AND links.down_type = hop.down_type
        WHERE links.of_process IN ('', hop.process)
        GROUP BY hop.process, hop.place
    )
SELECT told.process AS process, told.up_type AS up_type, told.down_type AS down_type, told.stage AS stage, told.currency AS currency, told.roots AS roots,
    told.linked_roots AS linked, told.waiting AS waiting, told.lost AS lost, told.lost_amount AS lost_amount, told.lost_first AS lost_first,
    told.lost_first_amount AS lost_first_amount, joined.links AS links, loose.objects AS loose
FROM told
LEFT JOIN joined ON joined.its_process = told.process AND joined.its_place = told.place
LEFT JOIN loose ON loose.its_type = told.down_type
ORDER BY told.process, told.place, told.currency
