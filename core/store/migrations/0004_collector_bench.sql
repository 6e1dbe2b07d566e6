-- A second bench: while what is judged on one is written, the next group is judged on the other.
-- Engine: Memory, as the first one (0001_collector.sql): emptied at each commit and worthless after a restart.
CREATE TABLE IF NOT EXISTS staged_other {{on_cluster}} AS staged
ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS fresh_other {{on_cluster}} AS fresh
ENGINE = Memory
