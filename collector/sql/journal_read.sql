-- The commits behind a place, in the order they were made.
SELECT place, batch, told, bodies FROM commits WHERE place > :behind ORDER BY place
