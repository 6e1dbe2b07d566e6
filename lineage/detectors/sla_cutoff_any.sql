SELECT count() FROM work_paths WHERE process IN (SELECT process FROM process_stages WHERE is_cutoff)
