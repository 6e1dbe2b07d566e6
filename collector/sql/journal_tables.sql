-- The journal's own file, in SQLite's dialect: one row a commit, in their order. `told` is what is known of its
-- deliveries beside their bytes, as JSON; `bodies` are those bytes, one behind the other.
CREATE TABLE IF NOT EXISTS commits (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL,
    told TEXT NOT NULL,
    bodies BLOB NOT NULL
)
;
-- Commits of which nobody can tell what their deliveries are; nothing reads or clears them but a person.
CREATE TABLE IF NOT EXISTS unreadable (place INTEGER PRIMARY KEY, batch INTEGER, told TEXT, bodies BLOB)
