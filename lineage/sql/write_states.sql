-- A failure is settled by an ok of the same action, not before it, of the object itself, of another object of its type with
-- the failed event's idempotency key, or of another object of its type that is asserted to be made from the same objects.
INSERT INTO object_states (object_hash, version, reversed, open_failures)
WITH
    own AS MATERIALIZED (
        SELECT object_hash, object_type, acts, failures, sources_hash, amount, ups
        FROM objects FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_suspects) AND NOT deleted
    ),
    failed AS MATERIALIZED (
        SELECT object_hash, object_type, sources_hash, acts, place, failure.1 AS action, failure.2 AS failed_at, failure.5 AS idempotency_key
        FROM own
        ARRAY JOIN failures AS failure, arrayEnumerate(failures) AS place
        -- Settled by itself: no need to look at others.
        WHERE NOT arrayExists(act -> act.1 = failure.1 AND act.4 > 0 AND act.6.1 >= failure.2, acts)
    ),
    uses AS MATERIALIZED (
        SELECT key_hash, object_type, action, occurred_at, object_hash FROM idempotency_uses
        WHERE outcome = 'ok' AND key_hash IN (SELECT sipHash64(idempotency_key) FROM failed WHERE idempotency_key != '')
    ),
    settled_by_key AS (
        SELECT DISTINCT failed.object_hash AS object_hash, failed.place AS place
        FROM failed
        INNER JOIN (
            SELECT use.key_hash AS key_hash, use.object_type AS object_type, use.action AS action, use.occurred_at AS occurred_at,
                if(class.class_hash = 0, use.object_hash, class.class_hash) AS user_hash
            FROM uses AS use
            LEFT JOIN (
                SELECT object_hash, class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT object_hash FROM uses)
            ) AS class ON class.object_hash = use.object_hash
        ) AS use ON use.key_hash = sipHash64(failed.idempotency_key) AND use.object_type = failed.object_type AND use.action = failed.action
        WHERE failed.idempotency_key != '' AND use.occurred_at >= failed.failed_at AND use.user_hash != failed.object_hash
    ),
    siblings AS (
        SELECT object_hash, object_type, sources_hash, acts
        FROM objects FINAL
        WHERE NOT deleted AND object_hash IN (
            SELECT down_hash FROM links_down
            WHERE process = '' AND up_hash IN (
                SELECT arrayJoin(ups).2 FROM own WHERE object_hash IN (SELECT object_hash FROM failed)
            )
        )
    ),
    settled_by_sibling AS (
        SELECT DISTINCT failed.object_hash AS object_hash, failed.place AS place
        FROM failed
        INNER JOIN siblings ON siblings.sources_hash = failed.sources_hash AND siblings.object_type = failed.object_type
        WHERE failed.sources_hash != 0 AND siblings.object_hash != failed.object_hash
            AND arrayExists(act -> act.1 = failed.action AND act.4 > 0 AND act.6.1 >= failed.failed_at, siblings.acts)
    )
SELECT
    own.object_hash,
    {turn:UInt64},
    -- Bit 0: by an event of its own; bit 1: by what other objects take off it.
    arrayExists(act -> act.1 = 'reversed' AND act.4 > 0, own.acts)
        + 2 * (own.object_hash IN (SELECT object_hash FROM work_reversed WHERE round = {settled:UInt32})),
    open.places
FROM own
LEFT JOIN (
    SELECT object_hash, arraySort(groupArray(place)) AS places
    FROM failed
    WHERE (object_hash, place) NOT IN (SELECT object_hash, place FROM settled_by_key)
        AND (object_hash, place) NOT IN (SELECT object_hash, place FROM settled_by_sibling)
    GROUP BY object_hash
) AS open ON open.object_hash = own.object_hash
