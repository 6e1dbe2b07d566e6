-- The last commit that is whole.
SELECT max(batch) FROM batches
