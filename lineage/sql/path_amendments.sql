-- What amends any of these objects.
SELECT object_hash, concat(object_type, '/', object_id) AS object, up.3 AS amends, first_ok_at AS at, amount, toString(currency) AS currency
FROM objects FINAL
ARRAY JOIN ups AS up
WHERE object_hash IN (SELECT down_hash FROM links_down WHERE up_hash IN {hashes:Array(UInt64)})
    AND NOT deleted AND up.4 = 'amends' AND up.2 IN {hashes:Array(UInt64)}
ORDER BY at, object, amends
