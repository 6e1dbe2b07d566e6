-- Links that hold, and those that ever did.
SELECT (SELECT count() FROM work_ups) + (SELECT count() FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_members))
