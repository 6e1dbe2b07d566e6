INSERT INTO taken_objects (object_hash)
SELECT DISTINCT up_hash FROM work_ups WHERE relation = 'reverses'
