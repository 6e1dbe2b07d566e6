"""Work that no process tells how to bill, correlation ids that are on different things, rings."""

from typing import Any

from core.calendar import load_calendars
from core.clock import FixedClock
from core.settings import LineageSettings
from core.store import Store
from lineage.process import load_processes
from lineage.reader import Reader
from tests.lineage.arrange import bench
from tests.lineage.story import NOW, SOURCES, Event, approved, at, failed, money, said, traced


def found(store: Store, subkind: str) -> list[dict[str, Any]]:
    found = Reader(store).findings(NOW, kind="governance")
    return [one for one in found if one["subkind"] == subkind]


def milestone(name: str, hours: float, engagement: str, action: str = "accepted") -> Event:
    told = {"source": "psa", "engagement": engagement, **money("500")}
    return said(f"milestone/M-{name}", action, hours, **told)


def test_work_of_an_engagement_without_a_process_is_found_until_it_has_one(store: Store) -> None:
    # Without the process that takes milestones of any engagement.
    processes = {
        name: process
        for name, process in load_processes(None).items()
        if process.root != "milestone" or process.engagement
    }
    made = bench(store, FixedClock(NOW), processes, load_calendars(), SOURCES)
    made.admit(
        [
            milestone("1", 0, "outcome_based"),
            milestone("2", 0, "fixed_fee"),
            # Not in the first stage of anything yet.
            milestone("3", 0, "outcome_based", "planned"),
            # Of a type whose default process takes what has none of its own.
            approved() | {"engagement": "outcome_based"},
        ]
    )
    made.wheel.turn()
    (one,) = found(store, "no_process")
    assert (one["object"], one["status"], one["amount"]) == ("milestone/M-1", "open", 500)
    assert one["evidence"] == ["milestone/M-1-accepted-0"]
    assert one["first_seen"] == at(0)
    assert "engagement outcome_based" in one["explanation"]
    # Taken back it is no revenue that could be forgotten; accepted anew it is.
    for hours, action, status in ((0.5, "rejected", "resolved"), (1, "accepted", "open")):
        made.admit([milestone("1", hours, "outcome_based", action)])
        made.wheel.turn()
        (one,) = found(store, "no_process")
        assert (one["status"], one["resolved_at"]) == (status, at(0.5) if hours == 0.5 else None)
    made.admit([milestone("1", 2, "fixed_fee")])
    made.wheel.turn()
    assert found(store, "no_process") == []
    made.wheel.rebuild()
    assert found(store, "no_process") == []


def test_an_id_on_too_many_objects_joins_nothing_and_is_named(store: Store) -> None:
    bounds = LineageSettings(
        calendar_year_first=2026, calendar_year_last=2026, correlation_objects_max=3
    )
    processes, clock = load_processes(None), FixedClock(NOW)
    made = bench(store, clock, processes, load_calendars(), SOURCES, bounds)
    batch = {"correlation_id": "NIGHTLY"}

    def bill(name: str, hours: float) -> Event:
        return said(f"billing_event/BE-{name}", "created", hours, **batch)

    made.admit([approved("1") | batch, approved("2") | batch, bill("1", 1)])
    made.wheel.turn()
    assert found(store, "correlation_reused") == []
    upstream = Reader(store).trace("billing_event/BE-1", NOW)["roots"]
    assert upstream == ["time_entry/TE-1", "time_entry/TE-2"]
    made.admit([bill("2", 3)])
    made.wheel.turn()
    (one,) = found(store, "correlation_reused")
    assert (one["object"], one["status"]) == ("correlation/NIGHTLY", "open")
    assert (one["first_seen"], one["last_seen"]) == (at(0), at(3))
    assert set(one["evidence"]) >= {"time_entry/TE-1-approved-0", "billing_event/BE-2-created-3"}
    assert "on 4 objects" in one["explanation"]
    assert Reader(store).trace("billing_event/BE-1", NOW)["roots"] == []
    before = Reader(store).findings(NOW)
    made.wheel.rebuild()
    assert Reader(store).findings(NOW) == before


def test_what_else_is_wrong_in_a_ring_stays_when_the_ring_is_touched(store: Store) -> None:
    one, other = "billing_event/BE-1", "billing_event/BE-2"
    ring = [
        said(one, "created", 1, made_from=[other]),
        said(other, "created", 2, made_from=[one]),
        failed(one, "published", 3, "ETIMEDOUT"),
    ]
    made = traced(store, ring, [said(other, "published", 4)])
    before = Reader(store).findings(NOW)
    assert {"link_cycle", "timeout"} <= {each["subkind"] for each in before}
    made.wheel.rebuild()
    assert Reader(store).findings(NOW) == before
