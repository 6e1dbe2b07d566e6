INSERT INTO match_keys (key_hash, other_hash, is_block)
SELECT DISTINCT pair.1, pair.2, pair.3
FROM (
    SELECT arrayJoin([(block_hash, object_hash, toUInt8(1)), (object_hash, block_hash, toUInt8(0))]) AS pair
    FROM (
{{match_blocks}}
    )
)
