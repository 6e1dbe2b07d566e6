-- What the events of the objects that are told anew have, and what is known already of anything: a step that would find nothing
-- is not taken. What is written since is known from the events: a reversal takes something, a failed event is a failed object's.
SELECT
    countIf(notEmpty(link_types) OR notEmpty(span_links)) AS linking,
    countIf(has(link_relations, 'reverses')) AS reversing,
    countIf(correlation_id != '') AS correlated,
    countIf(idempotency_key != '') AS keyed,
    countIf(outcome = 'failed') AS failing,
    countIf(outcome = 'ok' AND action IN ('rejected', 'reversed', 'cancelled')) AS ending,
    (SELECT (count(), countIf(object_type = 'contract'), countIf(object_hash != class_hash)) FROM work_members) AS members,
    (SELECT count() FROM work_tangled) AS tangled,
    (SELECT count() FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_members)) AS linked,
    (SELECT count() FROM links_down WHERE up_hash IN (SELECT object_hash FROM work_members WHERE known)) AS linked_to,
    (SELECT count() FROM alias_classes) AS aliases,
    (SELECT count() FROM taken_objects) AS taken,
    (SELECT count() FROM failed_objects) AS failed,
    (SELECT count() FROM object_states) AS stated,
    (SELECT count() FROM credit_shares) AS shared,
    (SELECT count() FROM match_rules) AS rules
FROM work_said
