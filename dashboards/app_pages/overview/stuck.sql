-- The largest amounts that are stuck, some of each currency: amounts of two currencies have no order.
SELECT
    root, process, state, next_stage, due_at, last_event_at, legal_entity, customer, contract, net AS amount, currency
FROM paths_at(now = {now:DateTime64(6, 'UTC')})
WHERE
    state IN ('failed', 'overdue')
    AND ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({process:String} = '' OR process = {process:String})
ORDER BY currency, net DESC NULLS LAST, root
LIMIT {each:UInt32} BY currency
