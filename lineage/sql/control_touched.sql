-- Whether the objects of the new events ever told any money, or took any off others (an event may take that back); whether these
-- events give names; and whether any of the objects has several names.
SELECT
    countIf(measure != '' AND amount IS NOT NULL) AS money,
    countIf(has(link_relations, 'reverses')
        OR batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND has(link_relations, 'same_as')) AS linking,
    (SELECT count() FROM alias_classes WHERE object_hash IN (
        SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})) AS aliases,
    (SELECT count() FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}) AS unsaid,
    -- How far the controls have come, and the roles of the sources then and now.
    (SELECT groupArray((batch, config, roles)) FROM (
        SELECT batch, config, roles FROM control_runs ORDER BY turn DESC, batch DESC, config != '' DESC LIMIT 1)) AS last_run,
    (SELECT mapFromArrays(groupArray(name), groupArray(toString(role))) FROM v_sources) AS roles
FROM events
WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
