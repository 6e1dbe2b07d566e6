SELECT count() FROM landing
