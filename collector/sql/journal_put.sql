INSERT INTO commits (batch, told, bodies) VALUES (:batch, :told, :bodies)
