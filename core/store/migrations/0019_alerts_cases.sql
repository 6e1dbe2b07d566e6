-- Cases: what people decided about findings, and when a finding that they had decided about was over. Only ever added to, never
-- changed: what somebody waived is asked for by auditors. Findings are derived and made again at will; their ids are not, so
-- that a rebuild leaves every decision where it was.

-- Engine: plain MergeTree, append-only. Order: by finding, whose decisions are read together. Partition: none, a few thousand
-- rows a year. Codecs: ids and notes ZSTD(1), instants that grow Delta. Synced to disk: a decision that was confirmed must not
-- be forgotten.
CREATE TABLE IF NOT EXISTS case_events {{on_cluster}} (
    finding_id String CODEC(ZSTD(1)),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),           -- by the clock that findings are judged by
    recorded_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),  -- by real time; orders what is of one instant
    entry_id String CODEC(ZSTD(1)),
    action LowCardinality(String) CODEC(ZSTD(1)),            -- acknowledged, assigned, commented, resolved, waived, reopened; closed: by the data
    person String CODEC(ZSTD(1)),                            -- who decided; '' when closed
    until Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),     -- when an acknowledgement or a waiver ends by itself
    assignee String CODEC(ZSTD(1)),
    note String CODEC(ZSTD(1)),
    -- The finding as it was then.
    kind LowCardinality(String) CODEC(ZSTD(1)),
    subkind LowCardinality(String) CODEC(ZSTD(1)),
    object String CODEC(ZSTD(1)),
    amount Nullable(Decimal(38, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String) CODEC(ZSTD(1)),
    last_seen DateTime64(6, 'UTC') CODEC(ZSTD(1))            -- its newest evidence: newer one opens what people resolved
)
ENGINE = {{engine:MergeTree()}}
ORDER BY (finding_id, at, recorded_at, entry_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
