SELECT
    delivery, batch, received_at, source, protocol, content_type, content_encoding, mapping, mapping_version,
    file, file_sha256, file_line, hex(sha256) AS sha256, base64Encode(body) AS body, token, allowed_sources
FROM deliveries
WHERE delivery IN {deliveries:Array(String)}
ORDER BY batch, delivery
