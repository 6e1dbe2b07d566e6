-- A file may span many years; the engine's default of 100 partitions an insert is for other uses.
SETTINGS max_partitions_per_insert_block = 0, max_insert_threads = 2
