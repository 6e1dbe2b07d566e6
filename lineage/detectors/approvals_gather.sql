-- The first approval of each revenue event, held against the billing cutoff of its period, against the first word of an ERP on its
-- project, and against who else is named on it: few are worth a look event by event.
TRUNCATE TABLE work_approvals
;
INSERT INTO work_approvals (
    root_hash, root_type, root, process, legal_entity, period, amount, currency, project, started_at, cancelled, own_end, name_hashes, actions,
    approved_at, known, billing_cutoff, is_late, is_early
)
WITH
    roots AS MATERIALIZED (
        SELECT path.root_hash AS root_hash, path.root_type AS root_type, concat(path.root_type, '/', path.root_id) AS root, path.process AS process,
            path.legal_entity AS legal_entity, path.period AS period, path.amount AS amount, path.currency AS currency,
            path.started_at AS started_at, path.project AS project, own.name_hashes AS name_hashes, config.actions AS actions,
            path.cancelled AS cancelled, own.own_end AS own_end,
            arrayMin(arrayMap(act -> act.5, arrayFilter(act -> act.4 > 0 AND has(config.actions, act.1)
                AND (empty(config.roles) OR has(config.roles, act.2)), own.acts))) AS approved_at
        FROM (
            -- What was told just now is at hand.
            SELECT root_hash, root_type, root_id, process, legal_entity, period, amount, currency, started_at, project, cancelled FROM work_told
            WHERE root_hash IN (SELECT object_hash FROM work_subjects)
            UNION ALL
            SELECT root_hash, toString(root_type), root_id, toString(process), toString(legal_entity), toString(period), amount, toString(currency), started_at,
                project, cancelled
            FROM paths FINAL
            WHERE NOT deleted AND root_hash IN (
                SELECT object_hash FROM work_near
                WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND object_type IN (SELECT root_type FROM process_stages)
                    AND object_hash NOT IN (SELECT root_hash FROM work_told)
            )
        ) AS path
        INNER JOIN (
            SELECT object_hash, acts,
                arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), acts)) AS own_end,
                arrayMap(name -> sipHash64(object_type, name), names) AS name_hashes FROM work_near
            WHERE object_hash IN (SELECT object_hash FROM work_subjects)
        ) AS own ON own.object_hash = path.root_hash
        INNER JOIN (SELECT process, actions, roles FROM process_stages WHERE position = 1) AS config ON config.process = path.process
        WHERE approved_at > toDateTime64(0, 6, 'UTC')
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
    dated AS (
        SELECT entry.*, known_project.known AS known, closing.billing_cutoff AS billing_cutoff,
            root_type = 'time_entry' AND billing_cutoff > toDateTime64(0, 6, 'UTC') AND approved_at > billing_cutoff AS is_late,
            root_type IN ('time_entry', 'expense_item') AND known.1 > toDateTime64(0, 6, 'UTC') AND approved_at < known.1 AS is_early
        FROM roots AS entry
        LEFT JOIN projects AS known_project ON known_project.of_project = entry.project
        LEFT JOIN (SELECT legal_entity AS of_entity, calendar FROM calendar_entities) AS entity ON entity.of_entity = entry.legal_entity
        LEFT JOIN (SELECT toString(calendar) AS of_calendar, toString(period) AS of_period, billing_cutoff FROM calendar_periods) AS closing
            ON closing.of_calendar = if(entity.calendar = '', 'default', toString(entity.calendar)) AND closing.of_period = toString(entry.period)
    ),
    -- Of most, nobody is named twice: only the rest is looked at event by event.
    named_twice AS (
        SELECT root_hash
        FROM (
            SELECT root.root_hash AS root_hash, arrayJoin(arrayFilter(who -> who != '', [event.actor, event.submitted_by])) AS who
            FROM (SELECT root_hash, arrayJoin(name_hashes) AS name_hash FROM roots) AS root
            INNER JOIN (
                SELECT object_hash, actor, attributes['submitted_by'] AS submitted_by FROM work_said
                WHERE object_hash IN (SELECT arrayJoin(name_hashes) FROM roots) AND outcome = 'ok'
                UNION ALL
                SELECT object_hash, actor, attributes['submitted_by'] FROM events
                WHERE object_hash IN (
                    SELECT arrayJoin(name_hashes) AS name_hash FROM roots WHERE name_hash NOT IN (SELECT object_hash FROM work_members)
                ) AND outcome = 'ok'
            ) AS event ON event.object_hash = root.name_hash
        )
        GROUP BY root_hash, who
        HAVING count() > 1
    )
SELECT root_hash, root_type, root, process, legal_entity, period, amount, currency, project, started_at, cancelled, own_end, name_hashes, actions,
    approved_at, known, billing_cutoff, is_late, is_early
FROM dated
WHERE is_late OR is_early OR root_hash IN (SELECT root_hash FROM named_twice)
