SELECT contract, began_at, began_version, began_since, invoiced_at, invoiced_version, invoiced_since
FROM v_path_terms
WHERE root_hash = {root:UInt64} AND contract = {contract:String}
