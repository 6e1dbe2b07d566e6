SELECT writer, host, pid
FROM writer_leases FINAL
WHERE seen_at > {since:DateTime64(6, 'UTC')}
