-- Every stage of every process that has revenue events: how many of them have reached it, and how many objects have ever been through
-- it, on whatever path or on none. `posts`: with it revenue is posted into an ERP, as v_coverage has it.
SELECT toString(stage.process) AS process, toString(stage.stage) AS stage, toString(stage.object_type) AS object_type, stage.required AS required,
    stage.roles AS roles, has(stage.actions, 'posted') AND (empty(stage.roles) OR has(stage.roles, 'erp')) AS posts, path.roots AS roots, path.reached[stage.position] AS reached, told.objects AS objects
FROM process_stages AS stage
INNER JOIN (
    SELECT process, count() AS roots, sumForEach(arrayMap(at -> at IS NOT NULL, reached)) AS reached
    FROM paths FINAL
    WHERE NOT deleted
    GROUP BY process
) AS path ON path.process = stage.process
LEFT JOIN (
    SELECT process, position, uniqExact(object_hash) AS objects
    FROM (
        SELECT object_hash, toString(object_type) AS object_type, toString(act.1) AS action, toString(act.2) AS role
        FROM objects FINAL
        ARRAY JOIN acts AS act
        WHERE NOT deleted AND act.4 > 0
    ) AS done
    INNER JOIN (
        SELECT process, position, toString(object_type) AS object_type, arrayJoin(actions) AS action, roles FROM process_stages
    ) AS wanted ON wanted.object_type = done.object_type AND wanted.action = done.action
    WHERE empty(wanted.roles) OR has(wanted.roles, done.role)
    GROUP BY process, position
) AS told ON told.process = stage.process AND told.position = stage.position
WHERE {process:String} = '' OR stage.process = {process:String}
ORDER BY stage.process, stage.position
