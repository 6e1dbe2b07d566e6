-- The links of a hop that touch the subjects, then those that touch the ends of the ones there are: noted without a label, since
-- reversed objects connect nothing. A hop is two object types that follow each other in a process.
INSERT INTO work_hops (round, hop, up_hash, down_hash, label)
WITH
    ends AS MATERIALIZED (
        SELECT object_hash AS end_hash FROM work_subjects WHERE {round:UInt32} = 0
        UNION DISTINCT
        SELECT arrayJoin([up_hash, down_hash]) FROM work_hops WHERE round = {round:UInt32} AND label != 0
    )
SELECT DISTINCT {round:UInt32} + 1, pair.hop, link.up_hash, link.down_hash, 0
FROM (
    SELECT object_hash AS down_hash, up.2 AS up_hash, toString(up.1) AS process, concat(splitByChar('/', up.3)[1], ' to ', object_type) AS linked_hop
    FROM (
        SELECT object_hash, object_type, ups FROM work_near
        WHERE object_hash IN (
            SELECT end_hash FROM ends
            UNION DISTINCT
            SELECT down_hash FROM work_downs WHERE up_hash IN (SELECT end_hash FROM ends)
        )
    )
    ARRAY JOIN ups AS up
    WHERE up.4 = 'from'
) AS link
INNER JOIN (
    SELECT DISTINCT concat(one.object_type, ' to ', other.object_type) AS hop, one.process AS of_process
    FROM (SELECT DISTINCT toString(process) AS process, toString(object_type) AS object_type, type_place FROM process_stages) AS one
    INNER JOIN (SELECT DISTINCT toString(process) AS process, toString(object_type) AS object_type, type_place FROM process_stages) AS other
        ON other.process = one.process
    WHERE other.type_place = one.type_place + 1
) AS pair ON pair.hop = link.linked_hop
WHERE (link.process = '' OR link.process = pair.of_process)
    -- Each hop grows by itself: what is connected through other hops is none of its business.
    AND ({round:UInt32} = 0
        OR (pair.hop, link.up_hash) IN (SELECT hop, up_hash FROM work_hops WHERE round = {round:UInt32} AND label != 0)
        OR (pair.hop, link.down_hash) IN (SELECT hop, down_hash FROM work_hops WHERE round = {round:UInt32} AND label != 0))
    AND (pair.hop, link.up_hash, link.down_hash) NOT IN (SELECT hop, up_hash, down_hash FROM work_hops)
