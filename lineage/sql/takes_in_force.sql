    -- What it takes off others, void when it was rejected, reversed or cancelled in the same event or since.
    arrayMap(take -> (take.1, take.2, take.3, facts.ended AND arrayExists(
        act -> act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0 AND act.6 >= take.4, facts.acts)), reversing.takes)
