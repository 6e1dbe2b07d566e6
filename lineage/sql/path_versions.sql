SELECT contract_version AS version, since, event_id AS event FROM contract_terms FINAL WHERE contract = {contract:String} AND NOT deleted ORDER BY since, event
