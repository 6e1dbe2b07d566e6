DELETE FROM spooled WHERE delivery = :delivery RETURNING bytes
