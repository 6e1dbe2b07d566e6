-- Who had sent anything by then. Declared sources are those of now, as processes and calendars are: a start registers them anew.
INSERT INTO {copy:Identifier}.sources
SELECT * FROM sources FINAL WHERE declared OR registered_at <= {at:DateTime64(6, 'UTC')}
