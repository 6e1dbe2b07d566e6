-- Bench: event lines as the engine's own reader of JSON reads them, a third of the cost of taking each line apart with
-- functions. `$begin` and `$end` are the number that the collector writes at both ends of a line, so that a row is known
-- to be one whole line. No LowCardinality, which would cost the reader as much again. Nullable tells an empty text from
-- none; a byte that no UTF-8 has stands for an absent object. Engine: Memory, as all of the bench.
CREATE TABLE IF NOT EXISTS landing_lean_lines {{on_cluster}} (
    `$begin` UInt64,
    `$end` UInt64,
    event_id String,
    occurred_at String,
    source Nullable(String),
    object Tuple(type String, id String, version String),
    action String,
    outcome Nullable(String),
    correlation_id String,
    trace_id Nullable(String),
    span_id Nullable(String),
    idempotency_key String,
    attempt Nullable(Int64),
    links Array(Tuple(
        type String, id String, relation String, amount Nullable(String))),
    context Tuple(
        customer String, contract String, contract_version String, project String, resource String,
        legal_entity String, service_line String, region String,
        engagement Nullable(String), period Nullable(String), actor String),
    money Tuple(amount String, currency String, measure Nullable(String))
        DEFAULT ('\xFF', '', NULL),
    error Tuple(code String, message String) DEFAULT ('\xFF', ''),
    attributes Map(String, Nullable(String))
)
ENGINE = Memory
;
-- Bench: which admitted rows a commit leaves out: duplicates, and what an interrupted commit has stored already. They
-- take the place of `fresh`, which listed all the others, each row of each commit.
CREATE TABLE IF NOT EXISTS repeated {{on_cluster}} (seq UInt32, record UInt64, here_already UInt8)
ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS repeated_other {{on_cluster}} AS repeated
ENGINE = Memory
;
DROP TABLE IF EXISTS fresh {{on_cluster}}
;
DROP TABLE IF EXISTS fresh_other {{on_cluster}}
