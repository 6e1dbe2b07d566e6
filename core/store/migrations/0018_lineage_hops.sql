-- Work tables of the comparison of hops, emptied before each: what only its uneven parts are asked for is kept apart, since most
-- come out, and reading names, links and events of all of them took most of the time.
DROP TABLE IF EXISTS work_hop_sides {{on_cluster}}
;
-- What stands on the two sides of each connected part. `is_silent`: not every link to it carries an amount; `linked`: the sum of those that do.
CREATE TABLE IF NOT EXISTS work_hop_sides {{on_cluster}} (
    hop String, label UInt64, object_hash UInt64, is_out UInt8, key String, amount Nullable(Decimal(18, 4)), currency String,
    legal_entity String, period String, is_silent UInt8, linked Decimal(38, 4)
) ENGINE = Memory
;
-- The two sides of each part summed up by currency. `is_uneven`: some currency does not come out; `is_questioned`: more is asked about it.
CREATE TABLE IF NOT EXISTS work_hop_sums {{on_cluster}} (
    hop String, label UInt64, currency String, into_sum Decimal(38, 4), out_sum Decimal(38, 4), into_objects UInt64, out_objects UInt64,
    comparable UInt8, allocated UInt8, misplaced Decimal(38, 4), difference Decimal(38, 4), period String, legal_entity String,
    is_uneven UInt8, is_questioned UInt8
) ENGINE = Memory
;
-- The names of what is on the sides of the questioned parts.
CREATE TABLE IF NOT EXISTS work_hop_names {{on_cluster}} (object_hash UInt64, name_hash UInt64) ENGINE = Memory
;
-- What came out of a part and was taken back, by which event.
CREATE TABLE IF NOT EXISTS work_hop_lost {{on_cluster}} (
    hop String, label UInt64, object_hash UInt64, key String, gone Tuple(at DateTime64(6, 'UTC'), event_id String), amount Decimal(18, 4), currency String,
    first_at DateTime64(6, 'UTC')
) ENGINE = Memory
;
-- All that a finding tells of the sides of the parts that do not come out, or of which something was taken back.
CREATE TABLE IF NOT EXISTS work_hop_told {{on_cluster}} (
    hop String, label UInt64, object_hash UInt64, is_out UInt8, key String, amount Nullable(Decimal(18, 4)), currency String, legal_entity String,
    source String, first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'), event_ids Array(String)
) ENGINE = Memory
;
-- Work table of the judgement of approvals, emptied before it: those that may be too late, too early or by who submitted.
CREATE TABLE IF NOT EXISTS work_approvals {{on_cluster}} (
    root_hash UInt64, root_type String, root String, process String, legal_entity String, period String, amount Nullable(Decimal(18, 4)), currency String,
    project String, started_at DateTime64(6, 'UTC'), cancelled UInt8, own_end Tuple(at DateTime64(6, 'UTC'), event_id String), name_hashes Array(UInt64),
    actions Array(String), approved_at DateTime64(6, 'UTC'), known Tuple(at DateTime64(6, 'UTC'), event_id String), billing_cutoff DateTime64(6, 'UTC'),
    is_late UInt8, is_early UInt8
) ENGINE = Memory
