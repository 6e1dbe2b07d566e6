INSERT OR IGNORE INTO event VALUES (:id, :type, :at)
