-- Every link that holds: the object was made from the upstream one. Process is '' for a link that was asserted.
CREATE OR REPLACE VIEW v_links {{on_cluster}} AS
SELECT
    link.3 AS upstream,
    link.2 AS upstream_hash,
    concat(object_type, '/', object_id) AS object,
    object_hash,
    link.4 AS relation,
    transform(link.5, [1, 2, 3, 4], ['inferred', 'correlated', 'alias', 'asserted'], '') AS grade,
    link.1 AS process,
    link.7 AS rule,
    link.6 AS amount,
    link.8 AS event_id
FROM (SELECT object_hash, object_type, object_id, ups FROM objects FINAL WHERE NOT deleted)
ARRAY JOIN ups AS link
