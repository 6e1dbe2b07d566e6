"""The engine and the slow right model tell the same, whatever comes in whatever order and
batches.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import load_calendars
from core.clock import FixedClock
from tests.conftest import NewStore
from tests.lineage.arrange import bench, everything, expected, told
from tests.model.paths import evaluate
from tests.model.worlds import World, worlds

CALENDARS = load_calendars()
CLOCK = FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))


# The longest test there is: each of its worlds is told in several turns and once more from zero.
@pytest.mark.timeout(900)
def test_any_world_in_any_order_and_batches_is_told_as_the_model_tells_it(
    new_store: NewStore,
) -> None:
    store = new_store()

    @settings(max_examples=max(12, settings.default.max_examples // 2))
    @given(world=worlds(), batches=st.lists(st.integers(1, 12), min_size=1, max_size=6))
    def holds(world: World, batches: list[int]) -> None:
        made = bench(store, CLOCK, world.processes, CALENDARS, world.sources, matches=world.matches)
        events = list(world.events)
        for size in batches:
            batch, events = events[:size], events[size:]
            made.admit(batch)
            made.wheel.turn()
        made.admit(events)
        made.wheel.run_until_idle()
        model = evaluate(
            world.events,
            world.sources,
            world.processes,
            CALENDARS,
            world.now,
            matches=world.matches,
        )
        wanted = {root: expected(path) for root, path in model.items()}
        assert told(store, world.now) == wanted
        before = everything(store)
        made.wheel.rebuild()
        assert told(store, world.now) == wanted
        assert everything(store) == before

    holds()
