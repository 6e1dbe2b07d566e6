-- The engine takes no parameter for the table whose shape it copies.
CREATE TABLE IF NOT EXISTS {table:Identifier} AS {{like}}
