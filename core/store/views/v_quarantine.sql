-- What could not be admitted, with its bytes and why.
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
    held.raw AS raw
FROM (SELECT * FROM quarantine FINAL) AS held
LEFT JOIN (
    SELECT delivery, protocol, file FROM deliveries WHERE delivery IN (SELECT delivery FROM quarantine)
) AS origin ON origin.delivery = held.delivery
