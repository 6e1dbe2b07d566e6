INSERT INTO links_down (up_hash, process, down_hash, down_type)
SELECT DISTINCT up_hash, process, class_hash, object_type FROM work_ups
