-- Which records of the quarantine a replay had settled by then.
INSERT INTO {copy:Identifier}.quarantine_resolutions
SELECT * FROM quarantine_resolutions FINAL
WHERE replay IN (
    SELECT delivery FROM deliveries
    WHERE batch <= {batch:UInt64} AND delivery IN (SELECT replay FROM quarantine_resolutions)
)
