-- Why records of these files were not taken, the most frequent reason first, with the first record of each.
SELECT
    origin.file_sha256 AS sha256,
    held.reason AS reason,
    held.field AS field,
    uniqExact(held.line) AS records,
    argMin((concat(held.delivery, ':', toString(held.record)), held.line, held.raw), held.line) AS first,
    first.1 AS record,
    first.2 AS line,
    left(first.3, 200) AS raw
FROM (SELECT * FROM quarantine FINAL) AS held
INNER JOIN (
    SELECT delivery, file_sha256
    FROM deliveries
    WHERE file_sha256 IN {files:Array(String)}
        AND concat(file_sha256, ' ', mapping, ' ', toString(mapping_version)) IN {imports:Array(String)}
) AS origin ON origin.delivery = held.delivery
GROUP BY sha256, reason, field
ORDER BY records DESC, reason, field
