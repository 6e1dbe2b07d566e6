-- Every stage of every path as it stands at an instant.
CREATE OR REPLACE VIEW path_stages_at {{on_cluster}} AS
SELECT
    root_hash,
    concat(root_type, '/', root_id) AS root,
    process,
    legal_entity,
    service_line,
    contract,
    customer,
    currency,
    amount,
    multiIf(
        cancelled, 'cancelled',
        states[arrayLastIndex(one -> one = 1, all_required)] IN ('done', 'late'), 'complete',
        has(states, 'failed'), 'failed',
        arrayExists((one, due) -> one = 'pending' AND due IS NOT NULL AND assumeNotNull(due) < {now:DateTime64(6, 'UTC')}, states, dues), 'overdue',
        'in_flight') AS path_state,
    toUInt8(place) AS position,
    stage,
    object_type,
    required,
    if(stored_state = 'pending' AND NOT cancelled AND due_at IS NOT NULL AND assumeNotNull(due_at) < {now:DateTime64(6, 'UTC')}, 'overdue', stored_state) AS state,
    reached_at,
    completed_at,
    started_at,
    due_at,
    -- From the completion of the stage before it (the one whose completion started this one's clock) to its own.
    if(completed_at IS NULL OR started_at IS NULL, NULL,
        toFloat64(toUnixTimestamp64Micro(assumeNotNull(completed_at)) - toUnixTimestamp64Micro(assumeNotNull(started_at))) / 1000000) AS latency_seconds,
    arrayConcat(
        if(reversed OR object_type != root_type, [], [root]),
        arrayFilter((key, is_reversed, is_correction) -> NOT is_reversed AND NOT is_correction AND startsWith(key, concat(object_type, '/')) AND key != root,
            object_keys, reverseds, corrections)
    ) AS objects,
    stuck_object,
    period,
    cutoff_at,
    last_event_at,
    engagement,
    tail_hash
FROM (
    SELECT path.*, path.required AS all_required, tail.object_keys AS object_keys, tail.reverseds AS reverseds, tail.corrections AS corrections
    FROM (SELECT * FROM paths FINAL WHERE NOT deleted) AS path
    LEFT JOIN (SELECT tail_hash, object_keys, reverseds, corrections FROM tails FINAL) AS tail ON tail.tail_hash = path.tail_hash
)
ARRAY JOIN
    stages AS stage, stage_types AS object_type, required, states AS stored_state, reached AS reached_at, completed AS completed_at,
    clock_starts AS started_at, dues AS due_at, stuck AS stuck_object, arrayEnumerate(stages) AS place
