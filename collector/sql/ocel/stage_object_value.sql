INSERT INTO object_value VALUES (:id, :name, :value, :at)
