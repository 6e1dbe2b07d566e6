-- Which commits a check looks at: those since an instant, so many at the most, and none that runs now. Asked on its own,
-- since a statement that asked for it itself might look at the events before and at the commits after a commit has ended.
SELECT
    max(batch) AS last,
    toUInt64(if(
        countIf(admitted_at >= {since:DateTime64(6, 'UTC')}) = 0,
        last + 1,
        greatest(
            toInt64(minIf(batch, admitted_at >= {since:DateTime64(6, 'UTC')})),
            toInt64(last) - toInt64({batches_max:UInt64}) + 1
        )
    )) AS first
FROM batches
