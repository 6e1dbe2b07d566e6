"""What superseded events said is forgotten by the turn that takes their successors: names, keys and
reversals. It ends where a warehouse does that never heard of them, and so does a rebuild.
"""

from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.control import load_controls
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, bench, everything
from tests.lineage.story import NOW, SOURCES, Event, approved, billed, invoiced, money, posted, said

SQL = SqlFolder(__file__)
PLACE = {"period": "2026-08", "measure": "billed"}
TRACE, SPAN = "ab" * 16, "cd" * 8
ALIASES = "SELECT alias, object FROM v_aliases ORDER BY ALL"


def books(store: Store, events: list[Event]) -> Bench:
    made = bench(store, FixedClock(NOW), load_processes(None), load_calendars(), SOURCES)
    declared = Declarations(load_processes(None), load_calendars(), (), load_controls())
    made.wheel = Wheel(store, BOUNDS, FixedClock(NOW), declared)
    made.admit(events)
    made.wheel.run_until_idle()
    return made


def told(store: Store) -> dict[str, Any]:
    rows = Reader(store).reconciliation(NOW)
    return everything(store) | {"rows": rows, "aliases": store.rows(ALIASES)}


def supersede(made: Bench, wrong: list[Event], mended: list[Event]) -> None:
    made.admit(mended)
    params = {"batch": made.batch, "events": [event["event_id"] for event in wrong]}
    for statement in SQL.statements("supersede_whole"):
        made.store.command(statement, params)
    made.wheel.run_until_idle()


def test_what_superseded_events_said_is_forgotten(store: Store) -> None:
    kept = [
        *(approved(), *billed(), invoiced("A", 4, **PLACE), posted("1", 6, "C")),
        *(approved("2"), *billed("2", 1, ["2"]), invoiced("2", 4, "2", **PLACE)),
        said("invoice/C", "seen", 5, links=[("invoice", "B", "same_as", None)]),
        said("invoice/K1", "posted", 5, idempotency_key="K", **money("7"), **PLACE),
        said("invoice/M1", "posted", 5, **money("9"), **PLACE),
    ]
    wrong = [
        said("invoice/A", "seen", 5, links=[("invoice", "B", "same_as", None)]),
        said("invoice/K2", "posted", 6, idempotency_key="K", **money("7"), **PLACE),
        said("credit_memo/1", "posted", 7, links=[("invoice", "2", "reverses", None)]),
        said("invoice/M2", "posted", 5, **money("9"), **PLACE),
    ]
    mended = [
        {**said("invoice/K2", "posted", 6, idempotency_key="L", **money("7"), **PLACE)},
        {**said("credit_memo/1", "posted", 7, links=[("invoice", "M1", "reverses", None)])},
        said("invoice/M2", "posted", 5.5),
    ]
    for event in mended:
        event["event_id"] = f"mended {event['event_id']}"
    books(store, [*kept, *mended])
    wanted = told(store)
    made = books(store, [*kept, *wrong])
    assert told(store)["aliases"] != wanted["aliases"]
    supersede(made, wrong, mended)
    turned = told(store)
    for name, rows in wanted.items():
        assert turned[name] == rows, name
    made.wheel.rebuild()
    assert told(store) == wanted


@pytest.mark.parametrize(
    ("before", "waiting"),
    [
        ({"correlation_id": "K"}, {"correlation_id": "K"}),
        ({"trace_id": TRACE, "span_id": SPAN}, {"span_links": [f"{TRACE}-{SPAN}"]}),
    ],
)
def test_who_was_linked_by_what_a_superseded_event_carried_is_told_anew(
    store: Store, before: Event, waiting: Event
) -> None:
    wrong = said("billing_event/BE-1", "created", 1, made_from=["time_entry/TE-1"], **before)
    right = said("billing_event/BE-1", "created", 1, made_from=["time_entry/TE-1"])
    right["event_id"] = "mended"
    made = books(store, [approved(), wrong, said("invoice/INV-1", "posted", 4, **waiting)])
    assert len(Reader(store).trace("time_entry/TE-1", NOW)["objects"]) == 3
    supersede(made, [wrong], [right])
    turned = told(store)
    assert len(Reader(store).trace("time_entry/TE-1", NOW)["objects"]) == 2
    made.wheel.rebuild()
    assert told(store) == turned
