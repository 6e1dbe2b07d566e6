INSERT INTO {copy:Identifier}.sources
SELECT * FROM sources FINAL WHERE registered_at <= {at:DateTime64(6, 'UTC')}
