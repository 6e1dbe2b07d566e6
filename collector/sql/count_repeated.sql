-- Whether there may be any admitted row that this commit or an earlier one has already: most often there is none, and
-- then find_repeated need not look at each of them. Other content under a known identity counts as well.
SELECT
    (
        SELECT count() - uniqExact(sipHash64(source, event_id), content_hash)
        FROM {staged:Identifier}
        WHERE reason = '' AND NOT skipped
    ) + (
        SELECT count()
        FROM event_ids
        WHERE (day, identity) IN (
            SELECT toDate(occurred_at, 'UTC'), sipHash64(source, event_id)
            FROM {staged:Identifier}
            WHERE reason = '' AND NOT skipped
        )
    )
