-- All work tables of one wheel; the engine takes no parameter for the pattern.
TRUNCATE ALL TABLES FROM {database:Identifier} LIKE '{{like}}'
