INSERT INTO {copy:Identifier}.events
SELECT * FROM events
WHERE object_hash IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors WHERE depth = {depth:UInt32})
    AND batch <= {batch:UInt64} AND admitted_at <= {at:DateTime64(6, 'UTC')}
