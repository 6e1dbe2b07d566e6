    -- What it takes off others, void when it was rejected, reversed or cancelled in the same event or since; it takes since the first
    -- event after the last of those that says as much as now.
    arrayMap((take, since) -> (take.1, take.2, take.3, facts.ended AND arrayExists(
        act -> act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0 AND act.6 >= take.4, facts.acts), since.1, since.3),
        reversing.takes, arrayMap(take -> arrayFirst(at -> NOT arrayExists(
            act -> act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0 AND act.6 >= at, facts.acts), take.5), reversing.takes))
