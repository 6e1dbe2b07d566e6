-- Whether any of the newest was made from anything.
SELECT count() FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_ancestors WHERE depth = {depth:UInt32})
