-- Written before links_down: what was ever linked is known here, so that links that hold no more can be withdrawn there.
INSERT INTO links_up (down_hash, process, up_hash, up_type, up_id, version)
SELECT DISTINCT class_hash, process, up_hash, up_type, up_id, {turn:UInt64} FROM work_ups
