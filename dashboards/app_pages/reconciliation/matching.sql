-- The rows that the filters of the page let through; '' lets all through.
FROM reconciliation_at(now = {now:DateTime64(6, 'UTC')}, period = {period:String})
WHERE
    ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({contract:String} = '' OR (contract_hash = sipHash64({contract:String}) AND contract = {contract:String}))
