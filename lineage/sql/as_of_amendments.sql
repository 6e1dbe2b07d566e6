-- What ever amended what is copied, under all its names: the terms of a contract are told with their amendments.
INSERT INTO {copy:Identifier}.work_ancestors (depth, object_hash, object_type, object_id)
WITH amending AS MATERIALIZED (
    SELECT DISTINCT object_hash FROM events
    WHERE has(link_relations, 'amends') AND object_hash IN (
        SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
        UNION DISTINCT
        SELECT object_hash FROM alias_classes WHERE class_hash IN (
            SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
        )
    )
)
SELECT DISTINCT {depth:UInt32} + 1, found_hash, '', ''
FROM (
    SELECT object_hash AS found_hash FROM amending
    UNION ALL
    SELECT object_hash FROM alias_classes WHERE class_hash IN (
        SELECT class_hash FROM alias_classes WHERE object_hash IN (SELECT object_hash FROM amending)
    )
)
WHERE found_hash NOT IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
