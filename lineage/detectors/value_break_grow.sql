-- The links of a hop that touch the subjects, then those that touch the ends of the ones there are. A hop is two object types
-- that follow each other in a process; reversed objects connect nothing. All start in the last round, so that they can be labelled.
INSERT INTO work_hops (round, hop, up_hash, down_hash, label)
WITH
    ends AS (
        SELECT object_hash AS end_hash, '' AS of_hop FROM work_subjects WHERE {round:UInt32} = 0
        UNION DISTINCT
        SELECT up_hash, hop FROM work_hops WHERE round = {round:UInt32}
        UNION DISTINCT
        SELECT down_hash, hop FROM work_hops WHERE round = {round:UInt32}
    ),
    downs AS (
        SELECT end_hash AS object_hash FROM ends
        UNION DISTINCT
        SELECT down_hash FROM links_down WHERE up_hash IN (SELECT end_hash FROM ends)
    ),
    pairs AS (
        SELECT DISTINCT concat(one.object_type, ' to ', other.object_type) AS pair_hop, one.process AS of_process
        FROM (SELECT DISTINCT process, toString(object_type) AS object_type, type_place FROM process_stages) AS one
        INNER JOIN (SELECT DISTINCT process, toString(object_type) AS object_type, type_place FROM process_stages) AS other
            ON other.process = one.process
        WHERE other.type_place = one.type_place + 1
    ),
    links AS (
        SELECT DISTINCT pair_hop AS hop, up_hash, down_hash
        FROM (
            SELECT object_hash AS down_hash, up.2 AS up_hash, toString(up.1) AS process, concat(splitByChar('/', up.3)[1], ' to ', object_type) AS linked_hop
            FROM (SELECT object_hash, object_type, ups FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM downs) AND NOT deleted)
            ARRAY JOIN ups AS up
            WHERE up.4 = 'from'
        ) AS link
        INNER JOIN pairs ON pairs.pair_hop = link.linked_hop
        WHERE link.process = '' OR link.process = toString(pairs.of_process)
    ),
    near AS (
        SELECT * FROM links
        WHERE (hop, up_hash) IN (SELECT of_hop, end_hash FROM ends) OR (hop, down_hash) IN (SELECT of_hop, end_hash FROM ends)
            OR ({round:UInt32} = 0 AND (up_hash IN (SELECT end_hash FROM ends) OR down_hash IN (SELECT end_hash FROM ends)))
    ),
    wanted AS (
        SELECT up_hash AS object_hash FROM near
        UNION DISTINCT
        SELECT down_hash FROM near
    ),
{{standing_objects}}
SELECT {round:UInt32} + 1, hop, up_hash, down_hash, down_hash
FROM near
WHERE up_hash IN (SELECT object_hash FROM standing) AND down_hash IN (SELECT object_hash FROM standing)
    AND (hop, up_hash, down_hash) NOT IN (SELECT hop, up_hash, down_hash FROM work_hops)
