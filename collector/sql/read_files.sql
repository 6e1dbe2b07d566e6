SELECT *
FROM files FINAL
ORDER BY imported_at DESC
LIMIT {limit:UInt32}
