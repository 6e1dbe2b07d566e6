SELECT count(*) FROM relations
