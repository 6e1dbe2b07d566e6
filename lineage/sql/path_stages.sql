-- Not by the view: that joins every tail there is. The objects of each stage are put there by the reader.
SELECT
    stage.name AS name,
    if(stored = 'pending' AND NOT stage.cancelled AND stage.due_at IS NOT NULL AND assumeNotNull(stage.due_at) < {now:DateTime64(6, 'UTC')},
        'overdue', stored) AS state,
    stage.is_required = 1 AS required, stage.reached_at AS reached_at, stage.completed_at AS completed_at,
    stage.started_at AS started_at, stage.due_at AS due_at,
    if(stage.completed_at IS NULL OR stage.started_at IS NULL, NULL,
        toFloat64(toUnixTimestamp64Micro(assumeNotNull(stage.completed_at)) - toUnixTimestamp64Micro(assumeNotNull(stage.started_at))) / 1000000
    ) AS latency_seconds,
    stage.stuck_object AS stuck_object, stage.object_type AS object_type, declared.actions AS actions, declared.roles AS roles
FROM (
    SELECT process, cancelled, name, object_type, is_required, toString(stored_state) AS stored, reached_at, completed_at, started_at, due_at,
        stuck_object, toUInt8(place) AS position
    FROM (
        SELECT process, cancelled, stages, stage_types, required, states, reached, completed, clock_starts, dues, stuck
        FROM paths FINAL
        WHERE root_hash = {root:UInt64} AND NOT deleted
    )
    ARRAY JOIN stages AS name, stage_types AS object_type, required AS is_required, states AS stored_state, reached AS reached_at,
        completed AS completed_at, clock_starts AS started_at, dues AS due_at, stuck AS stuck_object, arrayEnumerate(stages) AS place
) AS stage
INNER JOIN process_stages AS declared ON declared.process = stage.process AND declared.position = stage.position
ORDER BY stage.position
