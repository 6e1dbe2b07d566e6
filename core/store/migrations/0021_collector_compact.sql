-- Fresh parts of a table of many columns are one file, and not two or three for each column: the events of one commit are over the
-- engine's bound of 10 MiB, and writing the same 400,000 as files of their own took three times the CPU, merging them twice. For
-- deliveries it is fewer files to sync in every commit. Beyond 256 MiB reading a few columns of very many rows is what counts.
ALTER TABLE events {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 268435456
;
ALTER TABLE deliveries {{on_cluster}} MODIFY SETTING min_bytes_for_wide_part = 268435456
