-- The object's own row of each of its failures; what hangs on it per revenue event is told by failed_event_roots.
SELECT
    failed.object_hash AS subject_hash,
    '' AS root,
    failed.kind AS kind, failed.subkind AS subkind, failed.class AS class, failed.severity AS severity, failed.object AS object, failed.process AS process, failed.stage AS stage, failed.source AS source,
    failed.legal_entity AS legal_entity, failed.amount AS amount, failed.currency AS currency, failed.first_seen AS first_seen, failed.last_seen AS last_seen, failed.clock_start AS clock_start,
    failed.due_at AS due_at, failed.resolved_at AS resolved_at, failed.resolved_by AS resolved_by, failed.evidence AS evidence, failed.explanation AS explanation,
    failed.code AS code, failed.fingerprint AS fingerprint, failed.mapping AS mapping, failed.mapping_version AS mapping_version
FROM (
    {{failures_told}}
) AS failed
