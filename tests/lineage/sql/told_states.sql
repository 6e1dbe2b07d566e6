SELECT root, state, stage_states FROM paths_at(now = {now:DateTime64(6, 'UTC')})
