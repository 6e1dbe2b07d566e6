-- What a delivery replays, and the sha256 of what came before its redaction, stand nowhere else, so they must outlive a
-- loss of power as its deliveries do.
ALTER TABLE delivery_origins {{on_cluster}} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1
