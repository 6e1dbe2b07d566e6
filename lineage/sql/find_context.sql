-- The first revenue events of a contract, project or customer by name, and how many it has, beside those that are known already;
-- and which of the three the name is.
SELECT root_hash, concat(root_type, '/', root_id) AS root, count() OVER () AS paths_total,
    groupUniqArrayArray(arrayMap(one -> one.1, arrayFilter(one -> one.2 = {key:String},
        [('contract', toString(contract)), ('project', toString(project)), ('customer', toString(customer))]))) OVER () AS named
FROM paths FINAL
WHERE NOT deleted AND {key:String} != '' AND has([contract, project, customer], {key:String}) AND root_hash NOT IN {known:Array(UInt64)}
ORDER BY root
LIMIT if({limit:UInt64} = 0, 18446744073709551615, {limit:UInt64})
