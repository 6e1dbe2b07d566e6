TRUNCATE TABLE {staged:Identifier}
;
TRUNCATE TABLE {repeated:Identifier}
