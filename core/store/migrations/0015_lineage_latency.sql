-- Lineage: how many business days lie between two instants. Everything here is derived and can be made again (revtrace rebuild).

-- The table is laid out with the declarations, so what there is waits for a rebuild; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
-- Engine: MergeTree, written whole; order: joined by the last business day that began at or before an instant; no partition,
-- default codecs: a few hundred rows a calendar and year.
CREATE TABLE IF NOT EXISTS calendar_days {{on_cluster}} (
    calendar LowCardinality(String),
    starts DateTime64(6, 'UTC'),                   -- midnight in the calendar's zone
    number UInt32                                  -- from 1, counted from the calendar's beginning
) ENGINE = {{engine:MergeTree()}} ORDER BY (calendar, starts)
;
CREATE TABLE IF NOT EXISTS work_calendar_days {{on_cluster}} AS calendar_days
