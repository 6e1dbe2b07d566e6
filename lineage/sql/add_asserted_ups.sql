-- One link a pair of objects and relation. Evidence is the first event that says so; the amount is that of the last one, whose
-- lines to the same object add up.
INSERT INTO work_ups (class_hash, object_type, process, up_hash, up_type, up_id, relation, grade, amount, rule, event_id)
SELECT
    class_hash, any(object_type), '', up, any(up_type), any(up_id), relation, 4, argMax((event_amount,), place).1, 'asserted',
    argMin(event_id, place)
FROM (
    SELECT
        said.class_hash AS class_hash, any(said.object_type) AS object_type,
        if(class.class_hash = 0, said.target_hash, class.class_hash) AS up,
        any(said.target_type) AS up_type, any(if(class.class_hash = 0, said.target_id, class.class_id)) AS up_id,
        said.relation AS relation, said.place AS place, any(said.event_id) AS event_id, sum(said.link_amount) AS event_amount
    FROM work_targets AS said
    LEFT JOIN work_classes AS class ON class.object_hash = said.target_hash
    GROUP BY class_hash, up, relation, place
)
WHERE up != class_hash
GROUP BY class_hash, up, relation
