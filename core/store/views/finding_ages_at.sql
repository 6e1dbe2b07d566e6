-- after: findings_at
-- How old every finding is, from the business event that started its clock until it was resolved, else until now: in elapsed days, and
-- in working days of its legal entity's calendar, one of which is as long as its open hours are on a usual day.
CREATE OR REPLACE VIEW finding_ages_at {{on_cluster}} AS
SELECT
    finding_id, kind, subkind, class, severity, process, stage, legal_entity, status, amount, currency, clock_start,
    greatest(ended_us - started_us, 0) / 86400000000 AS elapsed_days,
    greatest(end_open_us - start_open_us, 0) / usual.day_us AS business_days,
    multiIf(elapsed_days < 1, 1, elapsed_days < 3, 2, elapsed_days < 7, 3, elapsed_days < 30, 4, 5) AS bucket,
    multiIf(business_days < 1, 1, business_days < 3, 2, business_days < 7, 3, business_days < 30, 4, 5) AS business_bucket
FROM (
    SELECT aged.*, hours.before_us + least(ended_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) AS end_open_us
    FROM (
        SELECT aged.*, hours.before_us + least(started_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) AS start_open_us
        FROM (
            SELECT
                finding.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar,
                least(coalesce(finding.resolved_at, {now:DateTime64(6, 'UTC')}), {now:DateTime64(6, 'UTC')}) AS ended_at,
                toUnixTimestamp64Micro(ended_at) AS ended_us, toUnixTimestamp64Micro(finding.clock_start) AS started_us
            FROM findings_at(now = {now:DateTime64(6, 'UTC')}) AS finding
            LEFT JOIN calendar_entities AS entity ON entity.legal_entity = finding.legal_entity
        ) AS aged
        ASOF LEFT JOIN calendar_hours AS hours ON hours.calendar = aged.calendar AND hours.opens <= aged.clock_start
    ) AS aged
    ASOF LEFT JOIN calendar_hours AS hours ON hours.calendar = aged.calendar AND hours.opens <= aged.ended_at
) AS aged
INNER JOIN (
    SELECT calendar, quantileExact(0.5)(open_us) AS day_us
    FROM (
        SELECT calendar, toDate(opens) AS day, sum(toUnixTimestamp64Micro(closes) - toUnixTimestamp64Micro(opens)) AS open_us
        FROM calendar_hours
        GROUP BY calendar, day
    )
    GROUP BY calendar
) AS usual ON usual.calendar = aged.calendar
