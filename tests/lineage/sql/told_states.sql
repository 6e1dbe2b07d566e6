SELECT root, state, stage_states, credited, net FROM paths_at(now = {now:DateTime64(6, 'UTC')})
