-- What was approved after the billing cutoff of its period, before an ERP knew its project, or by who submitted it last before.
WITH
    wanted AS (SELECT root_hash AS object_hash FROM work_approvals WHERE cancelled),
{{reversals}},
    told AS (
        SELECT root.root_hash AS of_root,
            argMinIf((event.event_id, event.actor, event.submitted_by, event.source), (event.source, event.event_id, event.content_hash),
                has(root.actions, event.action) AND event.occurred_at = root.approved_at) AS approval,
            argMaxIf((event.event_id, event.actor), (event.occurred_at, event.source, event.event_id, event.content_hash),
                event.action = 'submitted' AND event.occurred_at <= root.approved_at) AS submission
        FROM (SELECT root_hash, actions, approved_at, arrayJoin(name_hashes) AS name_hash FROM work_approvals) AS root
        INNER JOIN (
            SELECT object_hash, toString(action) AS action, occurred_at, toString(source) AS source, event_id, toString(content_hash) AS content_hash, actor,
                attributes['submitted_by'] AS submitted_by
            FROM events
            WHERE object_hash IN (SELECT arrayJoin(name_hashes) FROM work_approvals) AND outcome = 'ok'
        ) AS event ON event.object_hash = root.name_hash
        GROUP BY root.root_hash
    ),
    judged AS (
        SELECT entry.*, approval, submission, if(cancelled, greatest(own_end, taken.taken), (toDateTime64(0, 6, 'UTC'), '')) AS gone,
            if(submission.2 != '', submission.2, approval.3) AS submitter,
            arrayFilter(each -> each.1, [
                (is_late, 'late_approval', [approval.1],
                    concat(root, ' was approved at ', formatDateTime(approved_at, '%Y-%m-%d %H:%i'), ' UTC, after the billing cutoff of ', period, ' at ', formatDateTime(billing_cutoff, '%Y-%m-%d %H:%i'), ' UTC.')),
                (is_early, 'early_start', [approval.1, known.2],
                    concat(root, ' was approved at ', formatDateTime(approved_at, '%Y-%m-%d %H:%i'), ' UTC, before project ', project, ' was in the ERP at ', formatDateTime(known.1, '%Y-%m-%d %H:%i'), ' UTC.')),
                (approval.2 != '' AND approval.2 = submitter, 'self_approval', arrayFilter(id -> id != '', [submission.1, approval.1]),
                    concat(root, ' was approved by ', approval.2, ', who had submitted it.'))
            ]) AS faults
        FROM work_approvals AS entry
        INNER JOIN told ON told.of_root = entry.root_hash
        LEFT JOIN reversals AS taken ON taken.reversed_hash = entry.root_hash
    )
SELECT
    root_hash AS subject_hash,
    root,
    'conformance' AS kind,
    fault.2 AS subkind,
    'finance_critical' AS class,
    if(judged.gone.2 = '', 'warning', 'info') AS severity,
    root AS object,
    toString(judged.process) AS process,
    '' AS stage,
    approval.4 AS source,
    judged.legal_entity AS legal_entity,
    judged.amount AS amount,
    judged.currency AS currency,
    approved_at AS first_seen,
    approved_at AS last_seen,
    started_at AS clock_start,
    NULL AS due_at,
    if(judged.gone.2 = '', NULL, judged.gone.1) AS resolved_at,
    if(judged.gone.2 = '', '', concat('event ', judged.gone.2)) AS resolved_by,
    arrayDistinct(arrayPushBack(fault.3, judged.gone.2)) AS evidence,
    fault.4 AS explanation
FROM judged
ARRAY JOIN faults AS fault
