-- What a turn has at hand, too: all events of the objects that it tells anew. Some ten statements ask for them, each of which looked
-- thousands of scattered objects up in the largest table there is. Types are plain, as in work_near.
CREATE TABLE IF NOT EXISTS work_said {{on_cluster}} (
    object_hash UInt64, object_type String, object_id String, occurred_at DateTime64(6, 'UTC'), source String, event_id String,
    content_hash FixedString(16), action String, outcome String, correlation_id String, idempotency_key String, link_types Array(String),
    link_ids Array(String), link_relations Array(String), link_amounts Array(Nullable(Decimal(18, 4))), span_links Array(String),
    customer String, contract String, contract_version String, project String, resource String, legal_entity String, service_line String,
    region String, engagement String, period String, actor String, amount Nullable(Decimal(18, 4)), currency String, error_code String,
    error_message String, attributes Map(String, String)
) ENGINE = Memory
