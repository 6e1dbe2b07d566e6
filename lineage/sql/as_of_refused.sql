-- What was in quarantine then; a record's instant is that of its delivery's commit.
INSERT INTO {copy:Identifier}.quarantine
SELECT * FROM quarantine FINAL WHERE batch <= {batch:UInt64}
