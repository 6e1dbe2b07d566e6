-- One page of the table, the newest first; a delivery's id begins with its time.
SELECT
    concat(held.delivery, ':', toString(held.record)) AS name, held.received_at AS received_at, held.source AS source,
    held.file AS file, held.line AS line, held.reason AS reason, held.field AS field, held.object_type AS object_type,
    held.object_id AS object_id, held.amount AS amount, held.currency AS currency, held.period AS period,
    held.state AS state, held.resolved_by AS resolved_by
{{matching}}
ORDER BY held.delivery DESC, held.record
LIMIT {rows:UInt32} OFFSET {offset:UInt64}
