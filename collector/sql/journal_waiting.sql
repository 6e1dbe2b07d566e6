-- What is not in the warehouse yet, and what nobody can read; what is told of a damaged commit is no list.
SELECT
    coalesce(sum(CASE WHEN json_valid(told) THEN json_array_length(told) ELSE 1 END), 0) AS deliveries,
    coalesce(sum(length(bodies)), 0) AS bytes,
    (SELECT count(*) FROM unreadable) AS unreadable
FROM commits
