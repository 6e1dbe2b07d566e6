SELECT count() FROM work_paths WHERE has(states, 'skipped') AND NOT cancelled
