-- Whether anything was made from any of the newest.
SELECT count() FROM links_down WHERE up_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32})
