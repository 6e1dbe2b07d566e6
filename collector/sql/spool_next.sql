-- In the order of arrival; what could not be committed alone comes behind what was not tried yet.
SELECT delivery, received_at, bytes, attempts, sha256, told, body
FROM spooled INDEXED BY spooled_in_turn
ORDER BY attempts, place
LIMIT :deliveries_max OFFSET :skipped
