-- The roots with what hangs directly on each. Those with the same share everything behind it: their tail.
INSERT INTO work_root_queue (place, process, root_hash, root_type, root_id, tail_hash, downs, corrections, grades)
SELECT if(tail_hash = 0, root_hash, tail_hash), process, root_hash, root_type, root_id,
    if(empty(held), 0, sipHash64(toString(process), held)) AS tail_hash, held.1, held.2, held.3
FROM (
    SELECT root.root_hash AS root_hash, any(root.process) AS process, any(root.root_type) AS root_type, any(root.root_id) AS root_id,
        arraySort(groupUniqArrayIf((link.down_hash, link.corrects, link.grade), link.grade > 0 AND root.process != '' AND link.process IN ('', root.process))) AS held
    FROM work_starts AS root
    LEFT JOIN (
        SELECT up_hash, process, down_hash, corrects, grade
        FROM links_down FINAL
        WHERE up_hash IN (SELECT root_hash FROM work_starts) AND NOT deleted
    ) AS link ON link.up_hash = root.root_hash
    GROUP BY root.root_hash
)
