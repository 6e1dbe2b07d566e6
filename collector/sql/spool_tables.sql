-- The spool's own file, in SQLite's dialect. `place` is the order of arrival; `told` is what is known of the delivery
-- beside its bytes, as JSON. A row is deleted only when its commit is closed.
CREATE TABLE IF NOT EXISTS spooled (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery TEXT NOT NULL UNIQUE,
    received_at TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sha256 BLOB NOT NULL,
    told TEXT NOT NULL,
    body BLOB NOT NULL
)
;
CREATE INDEX IF NOT EXISTS spooled_in_turn ON spooled (attempts, place)
