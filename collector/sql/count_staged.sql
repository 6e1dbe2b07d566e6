-- How many rows a bench has, and of how many lines they are: no line may give more than one.
SELECT count() AS rows, uniqExact(seq, record) AS lines FROM {staged:Identifier}
