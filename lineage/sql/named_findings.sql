-- A finding by its id, which finds it by key, or by how its id begins: two tell that more than one does.
SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE finding_id = {id:String}
UNION ALL
SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE startsWith(finding_id, {id:String}) AND length({id:String}) < 32
LIMIT 2
