-- What could not be admitted, with its bytes and why; `state` says whether a replay has settled it since.
CREATE OR REPLACE VIEW v_quarantine {{on_cluster}} AS
SELECT
    held.delivery AS delivery,
    held.record AS record,
    held.line AS line,
    held.received_at AS received_at,
    held.source AS source,
    origin.protocol AS protocol,
    origin.file AS file,
    held.mapping AS mapping,
    held.mapping_version AS mapping_version,
    held.reason AS reason,
    held.field AS field,
    held.object_type AS object_type,
    held.object_id AS object_id,
    held.amount AS amount,
    held.currency AS currency,
    held.period AS period,
    held.raw AS raw,
    if(empty(settled.state), 'open', toString(settled.state)) AS state,
    settled.replay AS replay,
    if(empty(settled.state), NULL, settled.resolved_at) AS resolved_at,
    settled.resolved_by AS resolved_by,
    settled.mapping_version AS resolved_version
FROM (SELECT * FROM quarantine FINAL) AS held
LEFT JOIN (
    SELECT delivery, protocol, file FROM deliveries WHERE delivery IN (SELECT delivery FROM quarantine)
) AS origin ON origin.delivery = held.delivery
LEFT JOIN (SELECT * FROM quarantine_resolutions FINAL) AS settled
    ON settled.delivery = held.delivery AND settled.record = held.record
