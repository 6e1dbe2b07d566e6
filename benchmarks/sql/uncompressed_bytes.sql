SELECT sum(data_uncompressed_bytes)
FROM system.parts
WHERE active AND database = currentDatabase() AND table != 'events_copy'
