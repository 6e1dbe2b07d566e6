-- The objects of a contract, project or customer whose events are on no path; asked only when the key leads to none.
SELECT DISTINCT found_as, object
FROM (
    SELECT
        multiIf(contract = {key:String}, 'contract', project = {key:String}, 'project', 'customer') AS found_as,
        concat(object_type, '/', object_id) AS object
    FROM objects FINAL
    WHERE NOT deleted AND has([contract, project, customer], {key:String})
    UNION ALL
    -- What the wheel has not taken in yet is in no table of its own.
    SELECT
        multiIf(contract = {key:String}, 'contract', project = {key:String}, 'project', customer = {key:String}, 'customer', 'object'),
        concat(object_type, '/', object_id)
    FROM events
    WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > (SELECT max(batch) FROM wheel_turns))
        AND batch > (SELECT max(batch) FROM wheel_turns) AND (
        contract = {key:String} OR project = {key:String} OR customer = {key:String} OR object_id = {key:String}
        OR concat(object_type, '/', object_id) = {key:String}
    )
)
WHERE {key:String} != ''
ORDER BY object, found_as
LIMIT {limit:UInt64}
