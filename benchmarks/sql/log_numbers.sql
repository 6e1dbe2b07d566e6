-- The numbers of the copies, from one on.
CREATE TEMP TABLE copies AS
WITH RECURSIVE counted (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < :copies)
SELECT number FROM counted
