-- The first approval of each revenue event, held against the billing cutoff of its period, against the first word of an ERP on
-- its project, and against who submitted it last before.
WITH
    wanted AS (SELECT object_hash FROM work_subjects),
{{reversals}},
    roots AS MATERIALIZED (
        SELECT path.root_hash AS root_hash, path.root_type AS root_type, concat(path.root_type, '/', path.root_id) AS root, path.process AS process,
            path.legal_entity AS legal_entity, path.period AS period, path.amount AS amount, path.currency AS currency,
            path.started_at AS started_at, path.project AS project, own.name_hashes AS name_hashes, config.actions AS actions,
            if(path.cancelled, greatest(own.own_end, taken.taken), (toDateTime64(0, 6, 'UTC'), '')) AS gone,
            arrayMin(arrayMap(act -> act.5, arrayFilter(act -> act.4 > 0 AND has(config.actions, act.1)
                AND (empty(config.roles) OR has(config.roles, act.2)), own.acts))) AS approved_at
        FROM (
            SELECT * FROM paths FINAL WHERE root_hash IN (SELECT object_hash FROM work_subjects) AND NOT deleted
        ) AS path
        INNER JOIN (
            SELECT object_hash, acts,
                arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), acts)) AS own_end,
                arrayMap(name -> sipHash64(object_type, name), names) AS name_hashes FROM objects FINAL
            WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND NOT deleted
        ) AS own ON own.object_hash = path.root_hash
        LEFT JOIN reversals AS taken ON taken.reversed_hash = path.root_hash
        INNER JOIN (SELECT process, actions, roles FROM process_stages WHERE position = 1) AS config ON config.process = path.process
        WHERE approved_at > toDateTime64(0, 6, 'UTC')
    ),
    told AS (
        SELECT root.root_hash AS of_root,
            argMinIf((event.event_id, event.actor, event.submitted_by, event.source), (event.source, event.event_id, event.content_hash),
                has(root.actions, event.action) AND event.occurred_at = root.approved_at) AS approval,
            argMaxIf((event.event_id, event.actor), (event.occurred_at, event.source, event.event_id, event.content_hash),
                event.action = 'submitted' AND event.occurred_at <= root.approved_at) AS submission
        FROM (SELECT root_hash, actions, approved_at, arrayJoin(name_hashes) AS name_hash FROM roots) AS root
        INNER JOIN (
            SELECT object_hash, toString(action) AS action, occurred_at, toString(source) AS source, event_id, toString(content_hash) AS content_hash, actor,
                attributes['submitted_by'] AS submitted_by
            FROM events
            WHERE object_hash IN (SELECT arrayJoin(name_hashes) FROM roots) AND outcome = 'ok'
        ) AS event ON event.object_hash = root.name_hash
        GROUP BY root.root_hash
    ),
    projects AS (
        SELECT arrayJoin(names) AS of_project,
            arrayMin(arrayMap(act -> (act.5, act.6.3), arrayFilter(act -> act.2 = 'erp' AND act.4 > 0, acts))) AS known
        FROM objects FINAL
        WHERE object_type = 'project' AND NOT deleted AND object_hash IN (
            SELECT sipHash64('project', project) FROM roots
            UNION DISTINCT
            SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT sipHash64('project', project) FROM roots)
        )
    ),
    judged AS (
        SELECT entry.*, approval, submission, known_project.known AS known, closing.billing_cutoff AS billing_cutoff,
            if(submission.2 != '', submission.2, approval.3) AS submitter,
            arrayFilter(each -> each.1, [
                (root_type = 'time_entry' AND billing_cutoff > toDateTime64(0, 6, 'UTC') AND approved_at > billing_cutoff, 'late_approval', [approval.1],
                    concat(root, ' was approved at ', formatDateTime(approved_at, '%Y-%m-%d %H:%i'), ' UTC, after the billing cutoff of ', period, ' at ', formatDateTime(billing_cutoff, '%Y-%m-%d %H:%i'), ' UTC.')),
                (root_type IN ('time_entry', 'expense_item') AND known.1 > toDateTime64(0, 6, 'UTC') AND approved_at < known.1, 'early_start', [approval.1, known.2],
                    concat(root, ' was approved at ', formatDateTime(approved_at, '%Y-%m-%d %H:%i'), ' UTC, before project ', project, ' was in the ERP at ', formatDateTime(known.1, '%Y-%m-%d %H:%i'), ' UTC.')),
                (approval.2 != '' AND approval.2 = submitter, 'self_approval', arrayFilter(id -> id != '', [submission.1, approval.1]),
                    concat(root, ' was approved by ', approval.2, ', who had submitted it.'))
            ]) AS faults
        FROM roots AS entry
        INNER JOIN told ON told.of_root = entry.root_hash
        LEFT JOIN projects AS known_project ON known_project.of_project = entry.project
        LEFT JOIN (SELECT legal_entity AS of_entity, calendar FROM calendar_entities) AS entity ON entity.of_entity = entry.legal_entity
        LEFT JOIN (SELECT toString(calendar) AS of_calendar, toString(period) AS of_period, billing_cutoff FROM calendar_periods) AS closing
            ON closing.of_calendar = if(entity.calendar = '', 'default', toString(entity.calendar)) AND closing.of_period = toString(entry.period)
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
