-- The parts about which nothing more is asked: a difference within the tolerance is rounding.
INSERT INTO hop_values (
    subject_hash, hop, currency, version, deleted, processes, period, legal_entity, into_sum, out_sum, into_objects, out_objects, comparable, allocated, misplaced, rounding
)
WITH
{{value_break_processes}}
SELECT
    value.label, value.hop, value.currency, {turn:UInt64}, 0, config.processes, value.period, value.legal_entity, value.into_sum, value.out_sum,
    value.into_objects, value.out_objects, value.comparable, value.allocated, value.misplaced, greatest(abs(value.difference), value.misplaced)
FROM (SELECT * FROM work_hop_sums WHERE NOT is_questioned) AS value
LEFT JOIN config ON config.hop = value.hop
