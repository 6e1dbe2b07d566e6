"""With events spread over two servers, lineage tells what it tells on one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, assume, given, settings

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.process import load_processes
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, everything
from tests.lineage.story import NOW
from tests.lineage.test_wheel import FIRST, SECOND
from tests.model.worlds import World, worlds
from tests.server.shards import spread, start

SQL = SqlFolder(__file__)
DATABASE = "revtrace"
ROLES = {"psa": "psa", "mulesoft": "middleware", "netsuite-us": "erp"}
CLOCK = FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))
EVENTS_AT_LEAST = 12


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store, Store]]:
    """The first server with its events spread, the second, and a database of one server alone."""
    servers = start(tmp_path_factory.mktemp("shards"))
    try:
        first, second = (Store.open(each.dsn(), database=DATABASE) for each in servers)
        alone = Store.open(servers[0].dsn(), database="alone")
        for store in (first, second, alone):
            store.migrate()
        views = first.rows(SQL["view_definitions"])
        spread(first, second)
        assert first.rows(SQL["view_definitions"]) == views
        yield first, second, alone
        for store in (first, second, alone):
            store.close()
    finally:
        for each in servers:
            each.kill()


def test_any_story_is_told_on_two_shards_as_on_one_server(
    stores: tuple[Store, Store, Store],
) -> None:
    first, second, alone = stores
    for store in (first, alone):
        _tell_the_story(store)
    assert everything(first) == everything(alone) != {}
    for store in (first, second):
        assert store.value(SQL["count_shard"]) > 0

    # Each on top of those before it; a world that differs is not made smaller, it costs seconds.
    @settings(
        max_examples=max(1, settings.default.max_examples // 25),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(world=worlds())
    def holds(world: World) -> None:
        assume(len(world.events) >= EVENTS_AT_LEAST)
        for store in (first, alone):
            _tell(store, world)
        assert everything(first) == everything(alone)

    holds()


def _tell_the_story(store: Store) -> None:
    declared = Declarations(load_processes(), load_calendars(), load_failures())
    bench = Bench(store, Wheel(store, BOUNDS, FixedClock(NOW), declared))
    _know(store, ROLES)
    for batch in (FIRST, SECOND):
        bench.admit(batch)
        bench.wheel.turn()
    told = everything(store)
    bench.wheel.rebuild()
    assert everything(store) == told


def _tell(store: Store, world: World) -> None:
    """The world on top of the story: its processes take effect by a rebuild."""
    declared = Declarations(
        world.processes, load_calendars(), load_failures(), matches=world.matches
    )
    last = int(store.value(SQL["last_batch"]))
    bench = Bench(store, Wheel(store, BOUNDS, CLOCK, declared), batch=last)
    _know(store, world.sources)
    half = len(world.events) // 2
    bench.admit(world.events[:half])
    bench.wheel.rebuild()
    bench.admit(world.events[half:])
    bench.wheel.turn()


def _know(store: Store, sources: dict[str, str]) -> None:
    rows = [[name, role, 1] for name, role in sources.items()]
    store.insert("sources", ["name", "role", "version"], rows)
