-- Alerts: what was told to whom, and what came of each attempt. Both tables are only ever added to, never
-- changed: together they are the delivery log that an auditor may ask for.
--
-- One row of `notifications` is the intent to send one message, written before the first attempt. It carries
-- the state changes that it tells of, so that "what was told" and "what is to be sent" can never disagree:
-- one insert of one evaluation is one part, there as a whole or not at all. The state of an alert is the
-- last change that any notification to its channel tells of. Both tables are synced to disk on each insert:
-- a message that went out must not be forgotten and sent again, and there are few of them.

-- Engine: plain MergeTree, append-only. Order: by number first, since each evaluation reads on from the last
-- number it knows. Partition: a year of small rows; one evaluation has one instant and so lies in one.
-- Codecs: numbers and instants grow, Delta; bodies and findings are text full of repetition, ZSTD(3).
CREATE TABLE IF NOT EXISTS notifications {{on_cluster}} (
    number UInt64 CODEC(Delta, ZSTD(1)),              -- of the evaluation, strictly growing
    notification_id String CODEC(ZSTD(1)),            -- the idempotency key that the channel gets
    rule LowCardinality(String) CODEC(ZSTD(1)),
    rule_version LowCardinality(String) CODEC(ZSTD(1)),
    channel LowCardinality(String) CODEC(ZSTD(1)),
    state LowCardinality(String) CODEC(ZSTD(1)),      -- firing, resolved, test
    reason LowCardinality(String) CODEC(ZSTD(1)),     -- new, changed, resolved, repeat, test
    severity LowCardinality(String) CODEC(ZSTD(1)),   -- the worst of its alerts
    title String CODEC(ZSTD(1)),
    -- The state changes, one place an alert. `findings` is the JSON of each as it was told.
    finding_ids Array(String) CODEC(ZSTD(1)),
    states Array(LowCardinality(String)) CODEC(ZSTD(1)),
    reasons Array(LowCardinality(String)) CODEC(ZSTD(1)),
    findings Array(String) CODEC(ZSTD(3)),
    body String CODEC(ZSTD(3)),                       -- the bytes of every attempt
    evaluated_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:MergeTree()}}
PARTITION BY toYear(evaluated_at)
ORDER BY (number, notification_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
;
-- Engine: plain MergeTree, append-only. Order: by notification, whose attempts are read together; the number
-- goes first so that they lie beside each other in the order of notifications. Partition: as notifications,
-- but by the real time of delivery. Codecs: small values that repeat, ZSTD(1).
CREATE TABLE IF NOT EXISTS notification_attempts {{on_cluster}} (
    number UInt64 CODEC(Delta, ZSTD(1)),
    notification_id String CODEC(ZSTD(1)),
    attempt UInt32 CODEC(ZSTD(1)),                    -- from 1
    outcome LowCardinality(String) CODEC(ZSTD(1)),    -- sent, retry, refused, given_up
    trouble LowCardinality(String) CODEC(ZSTD(1)),    -- '' when sent
    detail String CODEC(ZSTD(1)),                     -- one line, free of secrets
    attempted_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    retry_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = {{engine:MergeTree()}}
PARTITION BY toYear(attempted_at)
ORDER BY (number, notification_id, attempt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
