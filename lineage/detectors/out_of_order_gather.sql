-- Which of the subjects came to a stage before an earlier one of its own or of what it was made from, reversed or not: few, so that
-- the query need not judge all.
TRUNCATE TABLE work_doubts
;
INSERT INTO work_doubts (object_hash)
WITH
    links AS MATERIALIZED (
        SELECT object_hash AS down_hash, arrayJoin(arrayPushBack(arrayMap(up -> up.2, arrayFilter(up -> up.4 = 'from', ups)), object_hash)) AS up_hash
        FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM work_subjects)
    ),
    firsts AS (
        SELECT told.object_hash AS object_hash, step.process AS process, step.position AS position,
            arrayMin(arrayMap(act -> act.5, arrayFilter(act -> act.4 > 0 AND has(step.actions, act.1) AND (empty(step.roles) OR has(step.roles, act.2)), told.acts))) AS came
        FROM (
            SELECT object_hash, object_type, acts FROM work_near
            WHERE object_hash IN (SELECT up_hash FROM links)
        ) AS told
        INNER JOIN (SELECT toString(process) AS process, toString(object_type) AS object_type, position, actions, roles FROM process_stages) AS step
            ON step.object_type = told.object_type
        WHERE came > toDateTime64(0, 6, 'UTC')
    ),
    steps AS (
        SELECT link.down_hash AS down_hash, first.process AS process, first.position AS position, first.came AS came, link.up_hash = link.down_hash AS is_own
        FROM links AS link
        INNER JOIN firsts AS first ON first.object_hash = link.up_hash
    )
SELECT DISTINCT down_hash
FROM (
    -- In the order of stages, what was the latest of all before.
    SELECT down_hash, came, is_own, max(came) OVER (PARTITION BY down_hash, process ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM steps
)
WHERE is_own AND came < before
