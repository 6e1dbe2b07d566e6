-- From zero: every object that has events, within a range of the hashes they are known by.
INSERT INTO work_control_members (object_hash, class_hash, class)
SELECT alias_hash, object_hash, object
FROM v_aliases
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
UNION ALL
SELECT DISTINCT object_hash, object_hash, ''
FROM events
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
    AND object_hash NOT IN (SELECT alias_hash FROM v_aliases WHERE alias_hash >= {from_hash:UInt64} AND alias_hash <= {to_hash:UInt64})
