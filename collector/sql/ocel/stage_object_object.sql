INSERT INTO object_object VALUES (:id, :other, :qualifier)
