-- Lineage: who turns the wheel of a warehouse that several processes can reach. The store has no compare-and-swap, so the newest
-- epoch wins: an older wheel finds its work tables gone and its rows outdone (see docs/adr/017).
--
-- One row when an epoch is taken and one when it is given back; a few a day, read whole. Engine: MergeTree, since both rows count; order:
-- the epoch; no partition, default codecs.
CREATE TABLE IF NOT EXISTS wheel_epochs {{on_cluster}} (
    epoch UInt64,                                  -- rows of the wheel carry it as the upper part of their version
    holder String,                                 -- host and process
    claim String,                                  -- two that take one epoch at once differ by this
    at DateTime64(6, 'UTC'),
    released Bool
) ENGINE = {{engine:MergeTree()}} ORDER BY epoch
;
-- Declarations are laid out here and put in their place by one statement, so that no reader and no other wheel sees half of them.
CREATE TABLE IF NOT EXISTS work_process_stages {{on_cluster}} AS process_stages
;
CREATE TABLE IF NOT EXISTS work_calendar_entities {{on_cluster}} AS calendar_entities
;
CREATE TABLE IF NOT EXISTS work_calendar_hours {{on_cluster}} AS calendar_hours
;
CREATE TABLE IF NOT EXISTS work_calendar_periods {{on_cluster}} AS calendar_periods
;
CREATE TABLE IF NOT EXISTS work_failure_patterns {{on_cluster}} AS failure_patterns
;
CREATE TABLE IF NOT EXISTS work_control_moneys {{on_cluster}} AS control_moneys
;
CREATE TABLE IF NOT EXISTS work_control_rules {{on_cluster}} AS control_rules
;
CREATE TABLE IF NOT EXISTS work_control_places {{on_cluster}} AS control_places
