-- What a turn has at hand: the paths of its present slice as they were written, and the objects near what was touched as they are.
-- Most statements of a turn ask for the same few of each, and each lookup of some thousands of scattered rows reads nearly every
-- granule of a table; so it is done once. Types are plain where detectors join by them: joins of LowCardinality keys in Memory tables
-- have lost rows on the server.
CREATE TABLE IF NOT EXISTS work_told {{on_cluster}} (
    root_hash UInt64, root_type String, root_id String, process String, process_version String, tail_hash UInt64, reversed UInt8, weakest UInt8,
    objects UInt32, cancelled UInt8, amount Nullable(Decimal(18, 4)), currency String, credited Decimal(18, 4), customer String, contract String,
    project String, resource String, legal_entity String, service_line String, region String, engagement String, period String,
    started_at DateTime64(6, 'UTC'), first_ok_at Nullable(DateTime64(6, 'UTC')), last_event_at DateTime64(6, 'UTC'),
    cutoff_at Nullable(DateTime64(6, 'UTC')), stages Array(LowCardinality(String)), stage_types Array(LowCardinality(String)),
    required Array(UInt8), states Array(LowCardinality(String)), reached Array(Nullable(DateTime64(6, 'UTC'))),
    completed Array(Nullable(DateTime64(6, 'UTC'))), clock_starts Array(Nullable(DateTime64(6, 'UTC'))),
    dues Array(Nullable(DateTime64(6, 'UTC'))), stuck Array(String)
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_near {{on_cluster}} (
    object_hash UInt64, object_type String, object_id String, names Array(String),
    acts Array(Tuple(action LowCardinality(String), role LowCardinality(String), events UInt32, oks UInt32, first_ok DateTime64(6, 'UTC'),
        last_ok Tuple(DateTime64(6, 'UTC'), String, String, String))),
    first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'), first_ok_at Nullable(DateTime64(6, 'UTC')), amount Nullable(Decimal(18, 4)),
    currency String, source String, customer String, contract String, project String, resource String, legal_entity String,
    service_line String, region String, engagement String, period String, ended UInt8,
    ups Array(Tuple(process LowCardinality(String), hash UInt64, key String, relation LowCardinality(String), grade UInt8,
        amount Nullable(Decimal(18, 4)), rule String, event_id String))
) ENGINE = Memory
;
-- What is looked up by scattered keys is kept in parts of one file, whatever their size. A part of a file for each column is read by
-- blocks of some thousands of rows, so that one row of a wide table costs reading as many of each column: at five million events a
-- trace took two to four times the CPU, and each turn likewise. Scans of a few columns take longer this way, but nothing here is
-- scanned while somebody waits.
ALTER TABLE objects {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE object_states {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE paths {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE tails {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE links_up {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE links_down {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE finding_rows {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE hop_values {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
