-- One link a pair of objects and relation. Evidence is the first event that says so, the amount is that of the last one.
INSERT INTO work_ups (class_hash, object_type, process, up_hash, up_type, up_id, relation, grade, amount, rule, event_id)
SELECT
    said.class_hash,
    any(said.object_type),
    '',
    if(class.class_hash = 0, said.target_hash, class.class_hash) AS up,
    any(said.target_type),
    any(if(class.class_hash = 0, said.target_id, class.class_id)),
    said.relation,
    3,
    argMax((said.link_amount,), said.place).1,
    'asserted',
    argMin(said.event_id, said.place)
FROM work_targets AS said
LEFT JOIN work_classes AS class ON class.object_hash = said.target_hash
GROUP BY said.class_hash, up, said.relation
HAVING up != said.class_hash
