-- Only where nothing says more: an object without any link upstream, and one from which nothing of that type was made.
INSERT INTO work_candidates (block_hash, rule, is_down, object_hash, object_type, object_id, at_us, texts)
WITH
    free AS MATERIALIZED (
        SELECT block_hash, rule, is_down, object_hash, object_type, object_id, at_us, names, texts
        FROM (
{{match_blocks}}
        )
        WHERE block_hash IN (SELECT block_hash FROM work_blocks) AND if(is_down,
            NOT arrayExists(up -> up.5 > 1, ups),
            (object_hash, down_type) NOT IN (
                SELECT up_hash, toString(down_type) FROM links_down FINAL
                WHERE up_hash IN (SELECT object_hash FROM work_matchable) AND NOT deleted AND grade > 1
            ))
    ),
    -- The latest word of each object on each attribute that is compared, under any of its names.
    attributed AS (
        SELECT name.object_hash AS object_hash,
            arraySort(each -> each.1, groupArray((event.at, event.attributes))) AS said
        FROM (SELECT DISTINCT object_hash, sipHash64(object_type, arrayJoin(names)) AS name_hash FROM free WHERE arrayExists(text -> text != 'id', texts)) AS name
        INNER JOIN (
            SELECT object_hash, (occurred_at, toString(source), event_id, toString(content_hash)) AS at, attributes
            FROM events
            WHERE object_hash IN (SELECT sipHash64(object_type, arrayJoin(names)) FROM free WHERE arrayExists(text -> text != 'id', texts))
                AND outcome = 'ok'
        ) AS event ON event.object_hash = name.name_hash
        GROUP BY name.object_hash
    )
SELECT
    block_hash, rule, is_down, free.object_hash, object_type, object_id, at_us,
    arrayMap(text -> substring(if(text = 'id', object_id,
        arrayLast(word -> word != '', arrayMap(each -> each.2[text], said))), 1, 256), texts)
FROM free
LEFT JOIN attributed ON attributed.object_hash = free.object_hash
