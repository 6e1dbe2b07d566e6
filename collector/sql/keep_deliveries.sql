-- The commit point: from here on the bytes are ours, whatever happens to what is made of them.
INSERT INTO deliveries (
    delivery, batch, received_at, source, protocol, content_type, content_encoding, mapping, mapping_version,
    file, file_sha256, file_line, sha256, bytes, body, token, allowed_sources
)
SELECT
    delivery, batch, received_at, source, protocol, content_type, content_encoding, mapping, mapping_version,
    file, file_sha256, file_line, sha256, bytes, body, token, allowed_sources
FROM landing
