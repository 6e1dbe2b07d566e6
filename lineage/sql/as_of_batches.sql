INSERT INTO {copy:Identifier}.batches
SELECT * FROM batches WHERE admitted_at <= {at:DateTime64(6, 'UTC')}
