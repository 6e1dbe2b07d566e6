UPDATE spooled SET attempts = attempts + 1 WHERE delivery = :delivery
