INSERT INTO work_steps (up, up_rank, down, grade)
SELECT edge.up, part.rank, edge.down, edge.grade
FROM work_edges AS edge
INNER JOIN (SELECT node, rank FROM work_parts) AS part ON part.node = edge.up
