-- The same rows with another inferred link; of two rows of one turn the later one counts.
INSERT INTO objects
SELECT own.* REPLACE (
    {turn:UInt64} AS version,
    arraySort(arrayConcat(arrayFilter(up -> up.5 != 1, own.ups), if(now.up_hash = 0, [],
        [CAST(('', now.up_hash, concat(now.up_type, '/', now.up_id), 'from', 1, NULL, now.rule, ''),
            'Tuple(LowCardinality(String), UInt64, String, LowCardinality(String), UInt8, Nullable(Decimal(18, 4)), String, String)')]))) AS ups
)
FROM (SELECT * FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM work_rematched) AND NOT deleted) AS own
LEFT JOIN work_matches AS now ON now.down_hash = own.object_hash
