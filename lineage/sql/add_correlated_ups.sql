-- Correlation fills gaps, per process: an object that asserts no `from` to an earlier type of the process is linked to
-- all objects of the nearest earlier type that carry the same correlation id. An id that joins too many is reused for
-- different things and says nothing; what it would join is counted whether or not some of it is asserted.
INSERT INTO work_ups (class_hash, object_type, process, up_hash, up_type, up_id, relation, grade, amount, rule, event_id)
WITH
    placed AS MATERIALIZED (
        SELECT DISTINCT place.process AS process, carrier.correlation_id AS correlation_id, carrier.class_hash AS class_hash,
            carrier.class_id AS class_id, carrier.object_type AS object_type, place.type_place AS type_place
        FROM work_correlations AS carrier
        INNER JOIN (SELECT DISTINCT process, object_type, type_place FROM process_stages) AS place
            ON place.object_type = carrier.object_type
    ),
    crowd AS MATERIALIZED (
        SELECT process, correlation_id, type_place, count() AS objects,
            lagInFrame(toUInt8(type_place), 1, 0) OVER earlier AS earlier_place,
            lagInFrame(count(), 1, 0) OVER earlier AS earlier_objects
        FROM placed
        GROUP BY process, correlation_id, type_place
        WINDOW earlier AS (PARTITION BY process, correlation_id ORDER BY type_place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    usable AS (
        SELECT process, correlation_id, type_place, earlier_place
        FROM crowd
        WHERE earlier_place > 0 AND (process, correlation_id) IN (
            SELECT process, correlation_id FROM crowd
            GROUP BY process, correlation_id
            HAVING sum(objects) <= {objects_max:UInt64} AND sum(objects * earlier_objects) <= {pairs_max:UInt64}
        )
    ),
    asserting AS (
        SELECT DISTINCT place.process AS process, up.class_hash AS class_hash
        FROM work_ups AS up
        INNER JOIN (SELECT DISTINCT process, object_type, type_place FROM process_stages) AS own
            ON own.object_type = up.object_type
        INNER JOIN (SELECT DISTINCT process, object_type, type_place FROM process_stages) AS place
            ON place.process = own.process AND place.object_type = up.up_type
        WHERE up.relation = 'from' AND place.type_place < own.type_place
    )
SELECT
    down.class_hash, any(down.object_type), down.process, up.class_hash, any(up.object_type), any(up.class_id),
    'from', 2, NULL, concat('correlation_id ', min(down.correlation_id)), ''
FROM placed AS down
INNER JOIN usable ON usable.process = down.process AND usable.correlation_id = down.correlation_id
    AND usable.type_place = down.type_place
INNER JOIN placed AS up ON up.process = usable.process AND up.correlation_id = usable.correlation_id
    AND up.type_place = usable.earlier_place
WHERE down.class_hash IN (SELECT class_hash FROM work_members)
    AND (down.process, down.class_hash) NOT IN (SELECT process, class_hash FROM asserting)
GROUP BY down.class_hash, down.process, up.class_hash
