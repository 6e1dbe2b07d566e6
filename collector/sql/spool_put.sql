INSERT INTO spooled (delivery, received_at, bytes, told, body, sha256)
VALUES (:delivery, :received_at, :bytes, :told, :body, :sha256)
