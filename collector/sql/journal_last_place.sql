-- From SQLite's own count of the places given, which is on another page than the rows.
SELECT seq AS place FROM sqlite_sequence WHERE name = 'commits'
