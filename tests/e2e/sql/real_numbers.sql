-- What the README beside the expense declarations counts, from the events.
SELECT
    count() AS events,
    uniqExact(object) AS declarations,
    uniqExact(attributes['activity']) AS activities,
    countIf(action = 'approved') AS approvals,
    uniqExactIf(object, action = 'approved') AS approved,
    uniqExactIf(object, action = 'requested') AS requested,
    uniqExactIf(object, action = 'paid') AS paid,
    uniqExact(object) - uniqExactIf(object, action = 'paid') AS never_paid
FROM v_events
