-- The tables of OCEL 2.0 in SQLite, as far as they are read, for a file in another format.
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, ocel_time TEXT) WITHOUT ROWID
;
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT) WITHOUT ROWID
;
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)
;
CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)
;
CREATE TABLE object_value (ocel_id TEXT, name TEXT, value TEXT, at TEXT)
;
CREATE TABLE broken (line TEXT)
