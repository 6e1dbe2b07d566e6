"""The wheel: any batches tell the same as one, and a turn that was killed is simply made again."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.process import load_processes, process_version
from lineage.refresh import Wheel
from lineage.turns import IDLE
from tests.conftest import NewStore
from tests.lineage.arrange import BOUNDS, everything
from tests.lineage.story import (
    NOW,
    approved,
    at,
    billed,
    failed,
    invoiced,
    said,
    traced,
    whole,
)

SQL = SqlFolder(__file__)
Work = Callable[[], Any]
OF_WORK = re.compile(r"^(?:(?:INSERT INTO|TRUNCATE TABLE) )?work_", re.MULTILINE)
# More statements than any turn has; and fewer, so that no test passes by doing nothing.
WRITES_MAX = 1000
STATEMENTS_AT_LEAST = 80
LASTING_AT_LEAST = 30
SAME = ("invoice", "INV-1", "same_as", None)
# A second batch that takes every way through a turn: an alias, a failure settled, a double posting,
# a late assertion, a new path, and a stage in time that was overdue.
FIRST = [
    *whole(),
    approved("2"),
    billed("2", 1, ["2"])[0],
    failed("billing_event/BE-2", "mapped", 2, "HTTP:TIMEOUT", source="mulesoft"),
    approved("3"),
    invoiced("7", 4, "7", idempotency_key="K"),
]
SECOND = [
    *billed("2", 1, ["2"])[1:],
    invoiced("2", 6),
    said("invoice/INV-0", "seen", 6, links=[SAME]),
    *billed("3", 2, ["3"]),
    invoiced("8", 5, "8", idempotency_key="K"),
]


class KilledError(Exception):
    """Raised where the process would have died."""


def wheel(store: Store) -> Wheel:
    """A wheel as a fresh process has it."""
    declared = Declarations(load_processes(), load_calendars(), load_failures())
    return Wheel(store, BOUNDS, FixedClock(NOW), declared)


def writes(
    monkeypatch: pytest.MonkeyPatch, store: Store, most: int, work: Work, *, all_: bool = True
) -> int:
    """Do the work, but die before it writes more than so many statements; how many it wrote.

    Work tables are of one process: what was written there before it died is no difference, so that
    those statements need not count.
    """
    written = 0

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*given: Any, **named: Any) -> None:
            nonlocal written
            if all_ or not OF_WORK.search(given[0]):
                if written == most:
                    raise KilledError
                written += 1
            real(*given, **named)

        return call

    with monkeypatch.context() as patch, suppress(KilledError):
        patch.setattr(store, "command", counted(store.command))
        patch.setattr(store, "insert", counted(store.insert))
        work()
    return written


def kill_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    work: Callable[[Wheel], Any],
    step: int,
    *,
    all_: bool = True,
) -> int:
    """Let process after process die, each a step later than the one before, until one survives."""
    for most in range(1, WRITES_MAX, step):
        if writes(monkeypatch, store, most, partial(work, wheel(store)), all_=all_) < most:
            return most
    raise AssertionError("no process came to the end")


def test_nothing_to_take_is_idle(store: Store) -> None:
    bench = traced(store)
    assert bench.wheel.turn() == IDLE
    bench.admit(whole())
    assert bench.wheel.turn().events == len(whole())
    assert bench.wheel.turn() == IDLE
    assert bench.wheel.run_until_idle() == []


def test_a_batch_that_is_not_closed_is_not_taken(store: Store) -> None:
    bench = traced(store)
    bench.admit(whole())
    store.command(SQL["open_batches"])
    assert bench.wheel.turn() == IDLE
    assert everything(store)["paths"] == []


def test_one_batch_or_many_and_any_order_tell_the_same(new_store: NewStore) -> None:
    told = everything(traced(new_store(), FIRST + SECOND).store)
    assert told["findings"]
    bench = traced(new_store(), SECOND, FIRST)
    assert everything(bench.store) == told
    assert (
        everything(traced(bench.store, *[[event] for event in (FIRST + SECOND)[::-1]]).store)
        == told
    )


def test_a_turn_killed_before_anything_that_lasts_tells_the_same_in_the_end(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = everything(traced(new_store(), FIRST, SECOND).store)
    bench = traced(new_store(), FIRST)
    bench.admit(SECOND)
    died = kill_again_and_again(monkeypatch, bench.store, Wheel.turn, 1, all_=False)
    assert died > LASTING_AT_LEAST
    assert everything(bench.store) == told
    assert wheel(bench.store).turn() == IDLE


def test_the_first_turn_killed_tells_the_same_in_the_end(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = everything(traced(new_store(), FIRST).store)
    bench = traced(new_store())
    bench.admit(FIRST)
    kill_again_and_again(monkeypatch, bench.store, Wheel.turn, 11)
    assert everything(bench.store) == told


def test_a_rebuild_killed_is_made_again_by_the_next_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = traced(store, FIRST, SECOND)
    told = everything(store)
    died = kill_again_and_again(monkeypatch, store, Wheel.rebuild, 17)
    assert died > STATEMENTS_AT_LEAST
    assert everything(store) == told
    # Killed where the declarations are half laid out, then left to the service.
    assert writes(monkeypatch, store, 3, wheel(store).rebuild) == 3
    fresh = wheel(store)
    assert fresh.differs()
    bench.admit([approved("5")])
    fresh.run_until_idle()
    assert not fresh.differs()
    assert [path["root"] for path in everything(store)["paths"]] == sorted(
        [*(path["root"] for path in told["paths"]), "time_entry/TE-5"]
    )


@pytest.mark.parametrize("before_the_end", [1, 2, 40])
def test_what_a_killed_turn_had_found_is_withdrawn_by_what_came_since(
    store: Store, monkeypatch: pytest.MonkeyPatch, before_the_end: int
) -> None:
    found = [invoiced("2", 6), approved("9")]
    gone = [said("invoice/INV-2", "reversed", 7), said("time_entry/TE-9", "rejected", 7)]
    bench = traced(store, whole())
    bench.admit(found)
    total = writes(monkeypatch, store, WRITES_MAX, bench.wheel.turn)
    assert everything(store)["findings"]
    bench = traced(store, whole())
    bench.admit(found)
    writes(monkeypatch, store, total - before_the_end, bench.wheel.turn)
    bench.admit(gone)
    wheel(store).run_until_idle()
    assert {one["status"] for one in everything(store)["findings"]} <= {"resolved"}
    told = everything(store)
    wheel(store).rebuild()
    assert everything(store) == told


def test_changed_declarations_wait_for_a_rebuild(store: Store) -> None:
    bench = traced(store, [approved(), *billed()[:1]])
    before = everything(store)
    processes = load_processes()
    process = processes["time_and_materials"]
    stages = tuple(
        replace(stage, within=timedelta(days=3000)) if stage.name == "published" else stage
        for stage in process.stages
    )
    changed = replace(process, stages=stages)
    changed = replace(changed, version=process_version(changed))
    declared = Declarations(processes | {process.name: changed}, load_calendars(), load_failures())
    assert not bench.wheel.differs()
    later = Wheel(store, BOUNDS, FixedClock(NOW), declared)
    assert later.differs()
    bench.admit([approved("2")])
    later.turn()
    assert later.differs()
    kept = [path for path in everything(store)["paths"] if path["root"] == "time_entry/TE-1"]
    assert kept == [path for path in before["paths"] if path["root"] == "time_entry/TE-1"]
    later.rebuild()
    assert not later.differs()
    assert bench.wheel.differs()
    first = everything(store)["paths"][0]
    assert first["due_at"] == at(1) + timedelta(days=3000)
    assert first["process_version"] == changed.version
    assert not [one for one in everything(store)["findings"] if one["stage"] == "published"]


def test_a_changed_failure_catalogue_differs_too(store: Store) -> None:
    traced(store, whole())
    declared = Declarations(load_processes(), load_calendars(), load_failures()[1:])
    assert Wheel(store, BOUNDS, FixedClock(NOW), declared).differs()


def test_a_wheel_that_never_turned_differs_from_nothing(store: Store) -> None:
    assert not traced(store).wheel.differs()
