-- A part of a table of many columns is one file, and not two or three for each column: the events of one commit are over the engine's
-- bound of 10 MiB, and writing the same 400,000 as files of their own took three times the CPU, merging them twice. Events stay so
-- whatever their size, since they are looked up by scattered objects, and a file for each column is read by blocks of thousands of rows.
-- For deliveries it is fewer files to sync in every commit; beyond 256 MiB they are bodies, which are read one at a time.
ALTER TABLE events {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 1099511627776
;
ALTER TABLE deliveries {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 268435456
