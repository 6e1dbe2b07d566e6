-- Whose inferred link is another than before. One that is in a block of another turn is judged there.
INSERT INTO work_rematched (object_hash)
SELECT own.object_hash
FROM (
    SELECT object_hash, arrayFirst(up -> up.5 = 1, ups) AS before
    FROM objects FINAL
    WHERE object_hash IN (SELECT object_hash FROM work_matchable) AND NOT deleted
        AND toString(object_type) IN (SELECT down_type FROM match_rules)
) AS own
LEFT JOIN work_matches AS now ON now.down_hash = own.object_hash
WHERE (own.before.2 != now.up_hash OR own.before.7 != now.rule) AND own.object_hash NOT IN (
    SELECT object_hash FROM (
{{match_blocks}}
    )
    WHERE is_down AND block_hash NOT IN (SELECT block_hash FROM work_blocks)
)
