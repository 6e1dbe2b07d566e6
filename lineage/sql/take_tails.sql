-- What hangs directly on each revenue event. Those with the same share everything behind it: their tail.
INSERT INTO work_tails (process, root_hash, tail_hash, downs, grades)
SELECT process, root_hash, if(empty(held.1), 0, sipHash64(toString(process), held.1, held.2)), held.1, held.2
FROM (
    SELECT root.process AS process, root.root_hash AS root_hash,
        maxMapIf([link.down_hash], [link.grade], link.grade > 0 AND (link.process = '' OR link.process = root.process)) AS held
    FROM (SELECT process, root_hash FROM work_roots WHERE process != '') AS root
    LEFT JOIN (
        SELECT up_hash, process, down_hash, grade
        FROM links_down FINAL
        WHERE up_hash IN (SELECT root_hash FROM work_roots) AND NOT deleted
    ) AS link ON link.up_hash = root.root_hash
    GROUP BY root.process, root.root_hash
)
