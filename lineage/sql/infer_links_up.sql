INSERT INTO links_up (down_hash, process, up_hash, up_type, up_id, version)
SELECT down_hash, '', up_hash, up_type, up_id, {turn:UInt64}
FROM work_matches
WHERE down_hash IN (SELECT object_hash FROM work_rematched)
