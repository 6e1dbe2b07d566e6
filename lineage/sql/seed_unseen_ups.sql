-- For a rebuild: what is only ever linked to and has no event of its own, within a range of hashes. Seen from upstream, where the
-- range is a range of the table: a set of all objects there are would not fit into memory.
INSERT INTO work_seeds (object_hash, object_type, object_id)
WITH
    unseen AS MATERIALIZED (
        SELECT up_hash, down_hash FROM links_down
        WHERE up_hash >= {from_hash:UInt64} AND up_hash <= {to_hash:UInt64} AND version >= {turn:UInt64} AND up_hash NOT IN (
            SELECT object_hash FROM objects
            WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64} AND version >= {turn:UInt64}
        )
    )
SELECT DISTINCT up_hash, up_type, up_id
FROM links_up
WHERE down_hash IN (SELECT down_hash FROM unseen) AND up_hash IN (SELECT up_hash FROM unseen) AND version >= {turn:UInt64}
