-- What a replay has made of the quarantined records of the delivery that it replays, and of earlier replays of it.
-- A record is known by its bytes, since a mended mapping may split a delivery in another way; a row of a table by its
-- place, since its bytes are what its mapping has made of it.
INSERT INTO quarantine_resolutions (
    delivery, record, state, replay, mapping, mapping_version, resolved_by, resolved_at
)
WITH
{origin:String} AS origin,
{replay:String} AS replay_id
SELECT
    held.delivery,
    held.record,
    if(
        {by_place:Bool} AND held.record IN (SELECT record FROM {staged:Identifier} WHERE delivery = {replay:String} AND reason != '')
        OR NOT {by_place:Bool} AND held.raw IN (SELECT raw FROM {staged:Identifier} WHERE delivery = {replay:String} AND reason != ''),
        'replaced',
        'admitted'
    ),
    replay_id,
    {mapping:String},
    {mapping_version:UInt32},
    {by:String},
    {at:DateTime64(6, 'UTC')}
FROM (
    SELECT delivery, record, raw FROM quarantine FINAL
    WHERE delivery IN (SELECT {origin:String} UNION ALL SELECT delivery FROM delivery_origins WHERE replays = {origin:String})
        AND delivery != {replay:String}
) AS held
WHERE (held.delivery, held.record) NOT IN (SELECT delivery, record FROM quarantine_resolutions)
