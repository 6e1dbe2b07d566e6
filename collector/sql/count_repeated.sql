-- Whether there may be any admitted row that this commit or an earlier one has already: most often there is none, and
-- then find_repeated need not look at each of them. Equal content of two identities, and other content under a known one,
-- count as well: what is asked here is what is cheap.
SELECT
    (
        SELECT count() - uniqExact(reinterpretAsUInt128(content_hash))
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
