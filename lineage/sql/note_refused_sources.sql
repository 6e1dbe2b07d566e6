-- And who was refused something in them.
INSERT INTO work_sources (source)
SELECT DISTINCT toString(source) FROM quarantine
WHERE delivery IN (SELECT delivery FROM deliveries WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
    AND source != '' AND source NOT IN (SELECT source FROM work_sources)
