-- A part of a table of many columns is one file, and not two or three for each column: the events of one commit are over the engine's
-- bound of 10 MiB, and writing the same 400,000 as files of their own took three times the CPU, merging them twice. Events stay so
-- whatever their size, since they are looked up by scattered objects, and a file for each column is read by blocks of thousands of rows.
-- For deliveries it is fewer files to sync in every commit; beyond 256 MiB they are bodies, which are read one at a time.
ALTER TABLE events {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE deliveries {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 268435456
;
-- LZ4 where ZSTD(1) was: a tenth of what taking a span in costs went into ZSTD, which made an event 11 bytes smaller.
ALTER TABLE events {{on_cluster}}
    MODIFY COLUMN object_hash CODEC(Delta, LZ4), MODIFY COLUMN object_type CODEC(LZ4), MODIFY COLUMN object_id CODEC(LZ4),
    MODIFY COLUMN object_version CODEC(LZ4), MODIFY COLUMN occurred_at CODEC(Delta, LZ4), MODIFY COLUMN received_at CODEC(T64, LZ4),
    MODIFY COLUMN admitted_at CODEC(T64, LZ4), MODIFY COLUMN batch CODEC(T64, LZ4), MODIFY COLUMN source CODEC(LZ4),
    MODIFY COLUMN event_id CODEC(LZ4), MODIFY COLUMN delivery CODEC(LZ4), MODIFY COLUMN mapping CODEC(LZ4),
    MODIFY COLUMN mapping_version CODEC(T64, LZ4), MODIFY COLUMN action CODEC(LZ4), MODIFY COLUMN outcome CODEC(LZ4),
    MODIFY COLUMN correlation_id CODEC(LZ4), MODIFY COLUMN trace_id CODEC(LZ4), MODIFY COLUMN span_id CODEC(LZ4),
    MODIFY COLUMN idempotency_key CODEC(LZ4), MODIFY COLUMN attempt CODEC(T64, LZ4), MODIFY COLUMN link_types CODEC(LZ4),
    MODIFY COLUMN link_ids CODEC(LZ4), MODIFY COLUMN link_relations CODEC(LZ4), MODIFY COLUMN link_amounts CODEC(LZ4),
    MODIFY COLUMN span_links CODEC(LZ4), MODIFY COLUMN customer CODEC(LZ4), MODIFY COLUMN contract CODEC(LZ4),
    MODIFY COLUMN contract_version CODEC(LZ4), MODIFY COLUMN project CODEC(LZ4), MODIFY COLUMN resource CODEC(LZ4),
    MODIFY COLUMN legal_entity CODEC(LZ4), MODIFY COLUMN service_line CODEC(LZ4), MODIFY COLUMN region CODEC(LZ4),
    MODIFY COLUMN engagement CODEC(LZ4), MODIFY COLUMN period CODEC(LZ4), MODIFY COLUMN actor CODEC(LZ4),
    MODIFY COLUMN amount CODEC(LZ4), MODIFY COLUMN currency CODEC(LZ4), MODIFY COLUMN measure CODEC(LZ4),
    MODIFY COLUMN error_code CODEC(LZ4), MODIFY COLUMN error_message CODEC(LZ4), MODIFY COLUMN attributes CODEC(LZ4)
