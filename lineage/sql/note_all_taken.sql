INSERT INTO work_taken (object_hash) SELECT DISTINCT object_hash FROM taken_objects
