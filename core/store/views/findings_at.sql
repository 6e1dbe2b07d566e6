-- Every finding as it stands at an instant: the sum of its rows. What is due later is no finding yet.
CREATE OR REPLACE VIEW findings_at {{on_cluster}} AS
SELECT
    finding_id,
    told.kind_any AS kind,
    told.subkind_any AS subkind,
    told.class_any AS class,
    multiIf(told.open_rows = 0, 'info', told.critical_rows > 0, 'critical', told.warning_rows > 0, 'warning', 'info') AS severity,
    told.object_any AS object,
    told.process_any AS process,
    told.stage_any AS stage,
    told.source_any AS source,
    told.legal_entity_any AS legal_entity,
    told.root_count AS roots,
    arraySlice(arraySort(told.some_roots), 1, 10) AS root_sample,
    -- The money of the revenue events that hang on it; where there are none, the object's own. Currencies are never added up:
    -- a finding over several says none.
    if(told.currencies > 1, NULL, if(told.root_count > 0, told.root_amount, told.own_amount)) AS amount,
    if(told.currencies > 1, '', if(told.root_count > 0, told.root_currency, told.own_currency)) AS currency,
    told.seen_from AS first_seen,
    told.seen_to AS last_seen,
    told.clock_from AS clock_start,
    told.due_from AS due_at,
    if(told.open_rows > 0, 'open', 'resolved') AS status,
    if(told.open_rows > 0, NULL, told.resolved_to) AS resolved_at,
    if(told.open_rows > 0, '', told.resolved_last) AS resolved_by,
    arraySlice(arraySort(told.some_evidence), 1, 20) AS evidence,
    told.explanation_last AS explanation,
    told.rule_any AS rule,
    told.rule_version_any AS rule_version,
    told.runbook_any AS runbook
FROM (
    SELECT
        finding_id,
        argMin(kind, (root, rule, kind)) AS kind_any,
        argMin(subkind, (root, rule, subkind)) AS subkind_any,
        argMin(class, (root, rule, class)) AS class_any,
        countIf(resolved_at IS NULL) AS open_rows,
        countIf(severity = 'critical') AS critical_rows,
        countIf(severity = 'warning') AS warning_rows,
        argMin(object, (root, rule, object)) AS object_any,
        argMin(process, (root, rule, process)) AS process_any,
        argMin(stage, (root, rule, stage)) AS stage_any,
        argMin(source, (root, rule, source)) AS source_any,
        argMin(legal_entity, (root, rule, legal_entity)) AS legal_entity_any,
        uniqExactIf(root, root != '') AS root_count,
        groupUniqArrayIf(root, root != '') AS some_roots,
        uniqExactIf(currency, currency != '' AND root != '') AS currencies,
        sumIf(amount, root != '') AS root_amount,
        argMinIf((amount,), (rule, object), root = '').1 AS own_amount,
        minIf(currency, currency != '' AND root != '') AS root_currency,
        argMinIf(currency, (rule, object), root = '') AS own_currency,
        min(first_seen) AS seen_from,
        max(last_seen) AS seen_to,
        min(clock_start) AS clock_from,
        min(due_at) AS due_from,
        max(resolved_at) AS resolved_to,
        argMax(resolved_by, (assumeNotNull(resolved_at), resolved_by)) AS resolved_last,
        groupUniqArrayArray(evidence) AS some_evidence,
        argMax(explanation, (last_seen, explanation)) AS explanation_last,
        argMin(rule, (root, rule, rule)) AS rule_any,
        argMin(rule_version, (root, rule, rule_version)) AS rule_version_any,
        argMin(runbook, (root, rule, runbook)) AS runbook_any
    FROM finding_rows FINAL
    WHERE NOT deleted AND (due_at IS NULL OR due_at < {now:DateTime64(6, 'UTC')})
    GROUP BY finding_id
) AS told
