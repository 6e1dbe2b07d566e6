"""What was known at an instant is what a fresh warehouse tells that was given no later events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import BadInput, NotFound
from core.settings import LineageSettings
from core.store import Store
from lineage.as_of import Past
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.process import Process, load_processes
from lineage.reader import Reader
from tests.lineage.arrange import BOUNDS, Bench, bench
from tests.lineage.story import NOW, Event, money, said, traced, whole
from tests.model.apart import apart
from tests.model.log import SOURCES, TIME, B, Log, T, at
from tests.model.worlds import World, worlds

CALENDARS = load_calendars()
CLOCK = FixedClock(at(1000))
HOUR = timedelta(hours=1)


@pytest.fixture
def fresh(worn: Store) -> Iterator[Store]:
    """Another warehouse beside the one that is asked: the one that never knew more."""
    made = worn.beside("fresh_of_then")
    made.migrate()
    yield made
    made.drop()
    made.close()


def _past(made: Bench, processes: dict[str, Process], bounds: LineageSettings = BOUNDS) -> Past:
    declared = Declarations(processes, CALENDARS, load_failures())
    return Past(made.store, bounds, CLOCK, declared)


def _quiet(text: str, events: int) -> None:
    """Nobody watches."""


def _keys(events: list[dict[str, Any]]) -> list[str]:
    named = {f"{event['object_type']}/{event['object_id']}" for event in events}
    linked = {f"{link[0]}/{link[1]}" for event in events for link in event["links"]}
    return sorted(named | linked)


def test_as_of_is_what_a_warehouse_tells_that_never_knew_more(store: Store, fresh: Store) -> None:
    # Each question makes a warehouse of its own, so `make soak` has to look at most of them.
    @settings(max_examples=max(1, settings().max_examples // 25))
    @given(
        world=worlds(),
        batches=st.lists(st.integers(1, 12), min_size=3, max_size=3),
        number=st.integers(0, 99),
    )
    def holds(world: World, batches: list[int], number: int) -> None:
        made = bench(store, CLOCK, world.processes, CALENDARS, world.sources)
        then = bench(fresh, CLOCK, world.processes, CALENDARS, world.sources)
        told = [*world.events, *(apart(event, "{}-") for event in world.events)]
        told = told[::2] + told[1::2]
        start, sizes = 0, [*batches, len(told)]
        for hour, size in enumerate(sizes):
            part = [{**e, "admitted_at": at(hour)} for e in told[start : start + size]]
            start += size
            made.admit(part)
            if hour < 2:
                then.admit(part)
            # The last batch is one that the wheel has not taken yet.
            if hour < 3:
                made.wheel.run_until_idle()
        then.wheel.run_until_idle()
        past, now = _past(made, world.processes), world.now
        with past.reader(at(1) + HOUR / 2, _quiet) as (reader, known):
            assert known.events == sum(sizes[:2])
            assert reader.findings(now) == Reader(fresh).findings(now)
        before = store.rows("SELECT max(turn) AS turn, count() AS rows FROM wheel_turns")
        keys = _keys(told[: sum(sizes[:2])])
        key = keys[number % len(keys)]
        with past.reader(at(1), _quiet, key) as (reader, _known):
            assert _trace(reader, key, now) == _trace(Reader(fresh), key, now)
        after = store.rows("SELECT max(turn) AS turn, count() AS rows FROM wheel_turns")
        assert before == after

    holds()


def _trace(reader: Reader, key: str, now: datetime) -> Any:
    """The document, or that there is none."""
    try:
        return reader.trace(key, now)
    except NotFound:
        return None


def test_a_question_is_bounded_and_leaves_nothing_behind(store: Store) -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 1, f"from {T}")
    made = bench(store, CLOCK, {"time": TIME}, CALENDARS, SOURCES)
    for event in log.events:
        made.admit([event])
    made.wheel.run_until_idle()
    past = _past(made, {"time": TIME})
    # Left behind by a process that was killed.
    left = store.beside(f"{store.database}_as_of_1_dead")
    with past.reader(at(0.5), _quiet, T) as (reader, known):
        path = reader.trace(T, at(0.5))
        assert ([one["key"] for one in path["objects"]], known.events) == ([T], 1)
    with past.reader(at(-1), _quiet, T) as (reader, _), pytest.raises(NotFound):
        reader.trace(T, at(0))
    small = LineageSettings.model_validate(BOUNDS.model_dump() | {"as_of_events_max": 1})
    with (
        pytest.raises(BadInput, match="lineage.as_of_events_max"),
        _past(made, {"time": TIME}, small).reader(at(2), _quiet),
    ):
        pass
    names = store.rows("SELECT name FROM system.databases WHERE name LIKE '%as_of%'")
    assert names == []
    left.close()


def test_a_source_keeps_its_role_when_a_start_has_registered_it_anew(store: Store) -> None:
    made = bench(store, CLOCK, {"time": TIME}, CALENDARS, SOURCES)
    made.admit(Log().add(T, "approved", 0).events)
    made.wheel.run_until_idle()
    rows = [[name, role, 2, 1, at(5)] for name, role in SOURCES.items()]
    columns = ["name", "role", "version", "declared", "registered_at"]
    store.insert("sources", columns, rows)
    with _past(made, {"time": TIME}).reader(at(1), _quiet) as (reader, _):
        assert [one["kind"] for one in reader.findings(at(1))] == []
        assert reader.trace(T, at(1))["stages"][0]["state"] == "done"


def test_the_terms_of_then_have_their_amendments(store: Store) -> None:
    def amends(key: str, up: str, hours: float) -> Event:
        links = [(*up.split("/"), "amends", None)]
        return said(key, "approved", hours, links=links, **money("5"))

    began = said("contract/C-1", "activated", -50, contract_version="1")
    first = amends("change_order/CO-1", "contract/C-1", -10)
    second = amends("change_order/CO-2", "change_order/CO-1", -9)
    made = traced(store, [*whole(), began, first, second])
    told = Reader(store).trace("time_entry/TE-1", NOW)["terms"]
    assert len(told["amendments"]) == 2
    with _past(made, load_processes(None)).reader(NOW, _quiet, "time_entry/TE-1") as (reader, _):
        assert reader.trace("time_entry/TE-1", NOW)["terms"] == told


def test_it_is_said_when_declarations_were_others_on_a_server_too(server_store: Store) -> None:
    log = Log().add(T, "approved", 0)
    made = bench(server_store, CLOCK, {"time": TIME}, CALENDARS, SOURCES)
    made.admit(log.events)
    made.wheel.run_until_idle()
    later = at(2000)
    with _past(made, {"time": TIME}).reader(later, _quiet, T) as (reader, known):
        assert not known.declarations_changed
        assert reader.trace(T, later)["state"] == "overdue"
    other = Declarations({"time": TIME}, CALENDARS)
    with Past(server_store, BOUNDS, CLOCK, other).reader(later, _quiet, T) as (_, known):
        assert known.declarations_changed
