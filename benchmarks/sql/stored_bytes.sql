SELECT sum(data_compressed_bytes) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('events', 'deliveries')
