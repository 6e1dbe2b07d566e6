SELECT
    stage.stage AS name, stage.state AS state, stage.required AS required, stage.reached_at AS reached_at, stage.completed_at AS completed_at,
    stage.started_at AS started_at, stage.due_at AS due_at, stage.latency_seconds AS latency_seconds, stage.objects AS objects,
    stage.stuck_object AS stuck_object, stage.object_type AS object_type, declared.actions AS actions, declared.roles AS roles
FROM (
    SELECT * FROM path_stages_at(now = {now:DateTime64(6, 'UTC')}) WHERE root_hash = {root:UInt64}
) AS stage
INNER JOIN process_stages AS declared ON declared.process = stage.process AND declared.position = stage.position
ORDER BY stage.position
