-- One row a failure and revenue event whose path it is on, with the money of the revenue event.
SELECT
    path.root_hash AS subject_hash,
    concat(path.root_type, '/', path.root_id) AS root,
    failed.kind AS kind, failed.subkind AS subkind, failed.class AS class, failed.severity AS severity, failed.object AS object, failed.process AS process, failed.stage AS stage, failed.source AS source,
    path.legal_entity AS legal_entity, path.amount AS amount, path.currency AS currency,
    failed.first_seen AS first_seen, failed.last_seen AS last_seen, path.started_at AS clock_start, failed.due_at AS due_at, failed.resolved_at AS resolved_at, failed.resolved_by AS resolved_by,
    failed.evidence AS evidence, failed.explanation AS explanation,
    failed.code AS code, failed.fingerprint AS fingerprint, failed.mapping AS mapping, failed.mapping_version AS mapping_version
FROM (SELECT * FROM work_told WHERE NOT cancelled) AS path
INNER JOIN (
    SELECT root_hash, object_hash
    FROM (SELECT root_hash, tail_hash FROM work_roots) AS held
    INNER JOIN (
        SELECT tail_hash, object_hash FROM work_ends ARRAY JOIN object_hashes AS object_hash
        WHERE object_hash IN (SELECT object_hash FROM failed_objects)
    ) AS tail ON tail.tail_hash = held.tail_hash
    UNION DISTINCT
    SELECT root_hash, root_hash FROM work_roots WHERE root_hash IN (SELECT object_hash FROM failed_objects)
) AS failing ON failing.root_hash = path.root_hash
INNER JOIN (
    {{failures_told}}
) AS failed ON failed.object_hash = failing.object_hash
