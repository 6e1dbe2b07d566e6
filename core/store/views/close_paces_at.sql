-- after: close_passages_at
-- How many revenue events an hour each step put through when earlier closes were as far ahead, of the period that was closing, within
-- the same window as in `hop_rates_at`: the slow and the fast end of what was seen.
CREATE OR REPLACE VIEW close_paces_at {{on_cluster}} AS
SELECT period, legal_entity, currency, process, stage, standing, quantilesExactInclusive(0.1, 0.9)(done / hours) AS rates
FROM (
    SELECT
        passage.period AS period, passage.past_period AS past_period, passage.legal_entity AS legal_entity, passage.currency AS currency,
        passage.process AS process, passage.step AS stage, lane.1 AS standing, any(if(rule.business, 24, 72)) AS hours,
        countIf(done_at > if(rule.business, past_window_at, past_at - INTERVAL 72 HOUR) AND done_at <= past_at AND is_late = lane.2) AS done
    FROM (
        SELECT
            period, past_period, legal_entity, currency, process, past_at, past_window_at, stages[number] AS step, number,
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
