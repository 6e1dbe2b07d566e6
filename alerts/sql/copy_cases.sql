INSERT INTO {copy:Identifier}.case_events
SELECT * FROM case_events WHERE at <= {at:DateTime64(6, 'UTC')}
