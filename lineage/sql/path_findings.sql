SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE object IN (SELECT concat(object_type, '/', object_id) FROM objects FINAL WHERE object_hash IN (
{{path_members}}
) AND NOT deleted)
    OR finding_id IN (SELECT finding_id FROM finding_rows FINAL WHERE subject_hash = {root:UInt64} AND root != '' AND NOT deleted)
ORDER BY transform(severity, ['critical', 'warning', 'info'], [1, 2, 3], 4), finding_id
