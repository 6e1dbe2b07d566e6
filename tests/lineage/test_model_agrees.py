"""The engine and the slow right model tell the same, whatever comes in whatever order and
batches.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import load_calendars
from core.clock import FixedClock
from tests.conftest import NewStore
from tests.lineage.arrange import BOUNDS, bench, everything, expected, told
from tests.model.facts import Event
from tests.model.paths import Paths, evaluate
from tests.model.worlds import World, worlds_beside

CALENDARS = load_calendars()
CLOCK = FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))


# Side by side in one warehouse: a turn of so many worlds takes hardly longer than that of one.
WORLDS = 16
# So that a rebuild, and many a turn, is made slice by slice.
A_FEW = 50
BATCHES = st.lists(st.integers(1, 15), min_size=1, max_size=3)


# The longest test there is: its worlds are told in several turns and once more from zero.
@pytest.mark.timeout(900)
# What failed is more to the point than so many events printed.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_any_world_in_any_order_and_batches_is_told_as_the_model_tells_it(
    new_store: NewStore,
) -> None:
    store = new_store()

    @settings(max_examples=max(12, settings.default.max_examples // 2))
    @given(
        worlds=worlds_beside(WORLDS),
        sizes=st.lists(BATCHES, min_size=1, max_size=WORLDS),
        chunk=st.sampled_from([BOUNDS.chunk_objects_max, A_FEW]),
    )
    def holds(worlds: list[World], sizes: list[list[int]], chunk: int) -> None:
        shared = worlds[0]
        bounds = BOUNDS.model_copy(update={"chunk_objects_max": chunk})
        given_to = (CLOCK, shared.processes, CALENDARS, shared.sources, bounds, shared.matches)
        made = bench(store, *given_to)
        cut = [
            list(batches(world.events, each))
            for world, each in zip(worlds, cycle(sizes), strict=False)
        ]
        for at_once in zip_longest(*cut, fillvalue=()):
            made.admit(event for batch in at_once for event in batch)
            made.wheel.turn()
        made.wheel.run_until_idle()
        wanted = {
            root: expected(path) for world in worlds for root, path in modelled(world).items()
        }
        assert told(store, shared.now) == wanted
        before = everything(store)
        made.wheel.rebuild()
        assert told(store, shared.now) == wanted
        assert everything(store) == before

    holds()


def batches(events: list[Event], sizes: list[int]) -> Iterator[list[Event]]:
    """The events in parts of these sizes, and what is left in one."""
    rest = list(events)
    for size in sizes:
        part, rest = rest[:size], rest[size:]
        yield part
    yield rest


def modelled(world: World) -> Paths:
    """What the model tells of one world."""
    return evaluate(
        world.events,
        world.sources,
        world.processes,
        CALENDARS,
        world.now,
        matches=world.matches,
    )
