-- The finished hops of a span, told once: what took no time at all, since it was done before its clock started, counts as zero.
    SELECT
        told.root_hash AS root_hash, told.tail_hash AS tail_hash, told.process AS process, told.position AS position, told.stage AS stage,
        told.object_type AS object_type, told.legal_entity AS legal_entity, told.engagement AS engagement, told.period AS period,
        told.calendar AS calendar, has(told.objects, told.root) AS has_root, assumeNotNull(told.completed_at) AS done_at, told.state = 'late' AS is_late, told.latency_seconds < 0 AS is_early,
        greatest(0, assumeNotNull(told.latency_seconds)) AS elapsed, assumeNotNull(told.wait_seconds) AS wait, assumeNotNull(told.work_seconds) AS work,
        greatest(0, assumeNotNull(told.business_seconds)) AS business, assumeNotNull(told.business_wait_seconds) AS business_wait,
        assumeNotNull(told.business_work_seconds) AS business_work
    FROM path_latencies_at(now = {now:DateTime64(6, 'UTC')}) AS told
    WHERE told.latency_seconds IS NOT NULL
        AND told.completed_at >= {from:DateTime64(6, 'UTC')} AND told.completed_at < {to:DateTime64(6, 'UTC')}
        AND told.completed_at <= {now:DateTime64(6, 'UTC')}
        AND ({process:String} = '' OR told.process = {process:String})
