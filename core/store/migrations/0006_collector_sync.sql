-- The text of a mapping is needed to make the events of a file again, so it must outlive a loss of power as its
-- deliveries do.
ALTER TABLE mappings {{on_cluster}} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1
