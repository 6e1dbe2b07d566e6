-- The contracts and projects that the objects name, under all their names: what they were held against, without being linked to.
INSERT INTO {copy:Identifier}.work_ancestors (depth, object_hash, object_type, object_id)
WITH named AS MATERIALIZED (
    SELECT sipHash64('contract', contract) AS object_hash FROM {copy:Identifier}.events WHERE contract != ''
    UNION DISTINCT
    SELECT sipHash64('project', project) FROM {copy:Identifier}.events WHERE project != ''
)
SELECT DISTINCT {depth:UInt32} + 1, found_hash, '', ''
FROM (
    SELECT object_hash AS found_hash FROM named
    UNION ALL
    SELECT other_hash FROM alias_edges WHERE object_hash IN (SELECT object_hash FROM named)
    UNION ALL
    SELECT object_hash FROM alias_classes WHERE class_hash IN (
        SELECT class_hash FROM alias_classes WHERE object_hash IN (SELECT object_hash FROM named)
    )
)
WHERE found_hash NOT IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
