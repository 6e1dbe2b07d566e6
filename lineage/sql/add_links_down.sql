-- The links that hold now, and those of the told objects that held and do no more.
INSERT INTO links_down (up_hash, process, down_hash, down_type, grade, reverses, corrects, version, deleted)
SELECT up_hash, process, class_hash, any(object_type),
    max(if(grade = 4 AND (up_hash IN (SELECT class_hash FROM work_classes) OR class_hash IN (SELECT class_hash FROM work_classes)), 3, grade)),
    max(relation = 'reverses'), min(relation = 'reverses'), {turn:UInt64}, 0
FROM work_ups
GROUP BY up_hash, process, class_hash
UNION ALL
SELECT up_hash, process, down_hash, '', 0, 0, 0, {turn:UInt64}, 1
FROM links_up FINAL
WHERE down_hash IN (SELECT object_hash FROM work_members) AND version < {turn:UInt64}
