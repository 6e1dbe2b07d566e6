"""Whose earlier events a turn looks for: what was lost on the way and made again is told, too."""

from contextlib import suppress
from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import StoreRefused
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.process import load_processes
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, bench, everything
from tests.lineage.story import NOW, SOURCES, approved, billed, invoiced, money, posted, said
from tests.lineage.test_superseded import supersede

SQL = SqlFolder(__file__)
LOST = ["time_entry", "journal_posting"]


@pytest.fixture
def made(store: Store) -> Bench:
    """One path in two batches, of which no turn has taken any."""
    one = bench(store, FixedClock(NOW), load_processes(None), load_calendars(), SOURCES)
    one.admit([approved(), *billed()])
    one.admit([invoiced(), posted()])
    return one


def same_from_zero(made: Bench) -> bool:
    made.wheel.run_until_idle()
    turned = everything(made.store)
    made.wheel.rebuild()
    return everything(made.store) == turned


def test_what_a_collector_makes_again_after_a_turn_is_told(made: Bench) -> None:
    made.store.command(SQL["forget_arrivals"], {"types": LOST})
    made.wheel.run_until_idle()
    made.admit([said("invoice/INV-9", "seen", 9)])
    made.store.command(SQL["arrive_again"], {"batch": made.batch, "types": LOST})
    assert same_from_zero(made)


def test_an_object_whose_row_was_lost_is_told_whole(made: Bench) -> None:
    made.wheel.run_until_idle()
    made.store.command(SQL["forget_objects"], {"types": ["invoice"]})
    made.admit([said("invoice/INV-9", "seen", 9)])
    made.store.command(SQL["arrive_again"], {"batch": made.batch, "types": ["invoice", *LOST]})
    assert same_from_zero(made)


def test_a_turn_after_a_killed_one_may_be_shorter(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = Store.command

    def killed(self: Store, sql: str, *args: Any, **more: Any) -> None:
        if "INSERT INTO objects" in sql:
            raise StoreRefused("killed", "")
        command(self, sql, *args, **more)

    with monkeypatch.context() as patch, suppress(StoreRefused):
        patch.setattr(Store, "command", killed)
        made.wheel.turn()
    few = BOUNDS.model_copy(update={"turn_events_max": 2})
    declared = Declarations(load_processes(None), load_calendars(), ())
    made.wheel = Wheel(made.store, few, FixedClock(NOW), declared)
    made.wheel.turn()
    again = said("invoice/INV-1", "posted", 4, **money("100")) | {"event_id": "mended"}
    supersede(made, [invoiced()], [again])
    assert same_from_zero(made)
