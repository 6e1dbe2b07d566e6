-- What became of each landed delivery, before anything is written: the counts of its closing.
-- `readable` are the records that could be told apart at all; `first_fault` says what was wrong with the first bad one.
SELECT
    seq,
    count() AS received,
    countIf((seq, record) IN (SELECT seq, record FROM {repeated:Identifier} WHERE NOT here_already)) AS duplicates,
    countIf(reason = '' AND NOT skipped) - duplicates AS stored,
    countIf(reason != '') AS quarantined,
    countIf(skipped) AS skipped_records,
    countIf(reason NOT IN ('not_json', 'not_object')) AS readable,
    groupUniqArrayIf(source, reason = '' AND NOT skipped) AS sources,
    groupArrayIf(10)((line_number, toString(reason), toString(field)), reason != '') AS faults,
    sumMapIf(map(toString(currency), toDecimal128(assumeNotNull(amount), 4)), reason = '' AND isNotNull(amount)) AS totals,
    sumMapIf(map(toString(reason), toUInt64(1)), reason != '') AS reasons
FROM {staged:Identifier}
GROUP BY seq
