{{touched_and_made}}
