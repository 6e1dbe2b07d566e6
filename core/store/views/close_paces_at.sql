-- after: close_passages_at
-- How many revenue events an hour each step put through from the same instant before earlier closes on, until their books closed:
-- the slow and the fast end of what was seen.
CREATE OR REPLACE VIEW close_paces_at {{on_cluster}} AS
SELECT period, legal_entity, currency, process, stage, standing, quantilesExactInclusive(0.1, 0.9)(done / hours) AS rates
FROM (
    SELECT
        passage.period AS period, passage.past_period AS past_period, passage.legal_entity AS legal_entity, passage.currency AS currency,
        passage.process AS process, passage.step AS stage, lane.1 AS standing,
        greatest(any(if(rule.business, open_hours_left, dateDiff('second', past_at, past_close) / 3600)), 0.01) AS hours,
        countIf(done_at > past_at AND done_at <= past_close AND is_late = lane.2) AS done
    FROM (
        SELECT
            period, past_period, legal_entity, currency, process, past_at, past_close, open_hours_left, stages[number] AS step, number,
            completed[number] AS done_at, coalesce(completed[number] > dues[number], false) AS is_late
        FROM close_passages_at(now = {now:DateTime64(6, 'UTC')})
        ARRAY JOIN arrayEnumerate(stages) AS number
        WHERE number <= cutoff_place AND steps[number]
    ) AS passage
    ARRAY JOIN [('on_time', false), ('late', true)] AS lane
    INNER JOIN process_stages AS rule ON rule.process = passage.process AND rule.position = passage.number
    GROUP BY period, past_period, legal_entity, currency, process, stage, standing
)
GROUP BY period, legal_entity, currency, process, stage, standing
