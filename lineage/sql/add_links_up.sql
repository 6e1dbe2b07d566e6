INSERT INTO links_up (down_hash, process, up_hash, up_type, up_id)
SELECT DISTINCT class_hash, process, up_hash, up_type, up_id FROM work_ups
