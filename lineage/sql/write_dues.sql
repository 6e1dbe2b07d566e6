-- When each running or finished clock runs out. Close windows of a calendar do not overlap, so the last one that began counts.
INSERT INTO work_dues (root_hash, position, due_us)
WITH
    clocks AS (
        SELECT path.root_hash AS root_hash, path.position AS position, fromUnixTimestamp64Micro(start_us, 'UTC') AS start, start_us,
            if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar,
            stage.within_us AS within_us, stage.within_at_close_us AS within_at_close_us, stage.business AS business
        FROM (
            SELECT process, root_hash, legal_entity, start_us, toUInt8(position) AS position
            FROM work_paths
            ARRAY JOIN clock_starts AS start_us, arrayEnumerate(clock_starts) AS position
            WHERE start_us > 0
        ) AS path
        INNER JOIN (
            SELECT * FROM process_stages WHERE within_us >= 0 OR within_at_close_us >= 0
        ) AS stage ON stage.process = path.process AND stage.position = path.position
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
    ),
    limited AS (
        SELECT root_hash, position, start, start_us, clocks.calendar AS calendar, business,
            if(within_at_close_us >= 0 AND start < window.close_to, within_at_close_us, within_us) AS limit_us
        FROM clocks
        ASOF LEFT JOIN calendar_periods AS window ON window.calendar = clocks.calendar AND window.close_from <= clocks.start
    ),
    -- Open time, counted from the calendar's beginning, that must have passed when the limit is reached.
    counted AS (
        SELECT root_hash, position, start_us, limited.calendar AS calendar, business, limit_us,
            hours.before_us + least(start_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) + limit_us AS target_us
        FROM limited
        ASOF LEFT JOIN calendar_hours AS hours ON hours.calendar = limited.calendar AND hours.opens <= limited.start
        WHERE limit_us >= 0
    )
SELECT root_hash, position,
    if(business AND limit_us > 0, toUnixTimestamp64Micro(hours.opens) + target_us - hours.before_us, start_us + limit_us)
FROM counted
ASOF LEFT JOIN calendar_hours AS hours ON hours.calendar = counted.calendar AND hours.before_us < counted.target_us
