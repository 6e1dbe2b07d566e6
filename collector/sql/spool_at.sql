SELECT delivery, received_at, bytes, told, body, sha256
FROM spooled NOT INDEXED
WHERE place = :place
