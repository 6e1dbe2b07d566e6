-- after: close_passages_at
-- What became of those that stood at a step when earlier closes were as far ahead as the next one is now: how many units, and how
-- many of them missed; by the same step and entity (level 1), by the same step and kind of revenue (2), by the same step (3), by any
-- step (4). Units are what was made together. The spread is that of the closes that had at least four units.
CREATE OR REPLACE VIEW close_fates_at {{on_cluster}} AS
SELECT
    period, level, key_entity AS legal_entity, key_process AS process, key_stage AS stage, standing,
    sum(close_roots) AS roots, sum(close_units) AS units, sum(close_missed) AS missed, count() AS closes, countIf(close_units >= 4) AS judged,
    arrayMap(each -> if(isNaN(each), 0, each), quantilesExactInclusiveIf(0.1, 0.9)(close_missed / close_units, close_units >= 4)) AS spread
FROM (
    SELECT period, past_period, place.1 AS level, place.2 AS key_entity, place.3 AS key_process, place.4 AS key_stage, standing,
        sum(unit_roots) AS close_roots, count() AS close_units, sum(unit_missed) AS close_missed
    FROM (
        SELECT period, past_period, standing, count() AS unit_roots, avg(missed) AS unit_missed,
            arrayJoin([(1, toString(legal_entity), toString(process), toString(stage)), (2, '', toString(process), toString(stage)),
                (3, '', '', toString(stage)), (4, '', '', '')]) AS place
        FROM close_passages_at(now = {now:DateTime64(6, 'UTC')})
        WHERE known AND place_then > 0
        GROUP BY period, past_period, legal_entity, process, stage, standing, unit
    )
    GROUP BY period, past_period, level, key_entity, key_process, key_stage, standing
)
GROUP BY period, level, legal_entity, process, stage, standing
