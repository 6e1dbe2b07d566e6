-- The last commit up to a place.
SELECT place, batch, told, bodies FROM commits WHERE place <= :place ORDER BY place DESC LIMIT 1
