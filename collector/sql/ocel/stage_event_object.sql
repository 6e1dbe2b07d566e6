INSERT INTO event_object VALUES (:id, :other, :qualifier)
