-- Lays a commit aside, and lets it go from the others.
INSERT OR REPLACE INTO unreadable (place, batch, told, bodies) SELECT place, batch, told, bodies FROM commits WHERE place = :place
;
DELETE FROM commits WHERE place = :place
