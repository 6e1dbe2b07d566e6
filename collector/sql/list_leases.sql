SELECT writer, host, pid, version
FROM writer_leases FINAL
WHERE seen_at > {since:DateTime64(6, 'UTC')}
