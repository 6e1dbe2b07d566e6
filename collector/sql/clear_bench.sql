TRUNCATE TABLE {staged:Identifier}
;
TRUNCATE TABLE {fresh:Identifier}
