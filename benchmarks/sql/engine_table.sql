-- What anyone gets who makes such a table as the engine's documentation says: the same columns, order and partitions, a dictionary for
-- words that repeat, codecs and settings of the engine's own. What our table does otherwise (migrations 0021, 0023) is ours to gain.
CREATE TABLE engine_events ENGINE = MergeTree PARTITION BY toYear(occurred_at) ORDER BY (object_hash, occurred_at, source, event_id) AS
SELECT * REPLACE (
    toLowCardinality(object_type) AS object_type, toLowCardinality(mapping) AS mapping, toLowCardinality(action) AS action,
    toLowCardinality(outcome) AS outcome, toLowCardinality(legal_entity) AS legal_entity, toLowCardinality(service_line) AS service_line,
    toLowCardinality(region) AS region, toLowCardinality(engagement) AS engagement, toLowCardinality(period) AS period,
    toLowCardinality(currency) AS currency, toLowCardinality(measure) AS measure,
    CAST(link_types AS Array(LowCardinality(String))) AS link_types,
    CAST(link_relations AS Array(LowCardinality(String))) AS link_relations,
    CAST(attributes AS Map(LowCardinality(String), String)) AS attributes
)
FROM events LIMIT 0
