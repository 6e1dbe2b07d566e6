INSERT OR IGNORE INTO object VALUES (:id, :type)
