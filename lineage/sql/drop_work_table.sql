-- Waits for the statements that read the table; afterwards none can begin.
DROP TABLE IF EXISTS {table:Identifier} SYNC
