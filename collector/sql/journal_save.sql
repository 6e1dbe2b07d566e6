-- A commit of a broken file, at its old place.
INSERT OR REPLACE INTO commits (place, batch, told, bodies) VALUES (:place, :batch, :told, :bodies)
