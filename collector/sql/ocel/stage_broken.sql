INSERT INTO broken VALUES (:line)
