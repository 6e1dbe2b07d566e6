"""The status of a finding follows the data: over with the event that undoes it, back with its
cause, and the same from zero. What a changed rule does not find any more is over by that rule.
"""

from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import Store
from lineage.config import Declarations
from lineage.failure import FailurePattern
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, everything
from tests.lineage.story import (
    NOW,
    Event,
    approved,
    at,
    billed,
    failed,
    invoiced,
    money,
    said,
    traced,
)

UNKNOWN = failed("billing_event/BE-1", "mapped", 3, "0x80040217-17", source="mulesoft")


def found(store: Store, kind: str = "") -> list[dict[str, Any]]:
    return Reader(store).findings(NOW, kind=kind)


def only(store: Store, kind: str = "") -> dict[str, Any]:
    """The one finding there is."""
    (one,) = found(store, kind)
    return one


def again(name: str, hours: float = 6, **more: Any) -> Event:
    """An invoice of the same make and amount as `INV-name`."""
    return invoiced(f"{name}-2", hours, name, **more)


def undone(key: str, action: str, *links: Any) -> Event:
    return said(key, action, 7, links=list(links))


# What undoes a second posting, and the event that it is then resolved by. What says that it never
# was so leaves nothing: there is no event that ended it.
UNDOING: dict[str, tuple[Event, str]] = {
    "A": (undone("invoice/INV-A-2", "reversed"), "event invoice/INV-A-2-reversed-7"),
    "B": (undone("invoice/INV-B", "reversed"), "event invoice/INV-B-reversed-7"),
    "C": (
        undone("credit_memo/CM-1", "posted", ("invoice", "INV-C-2", "reverses", None)),
        "event credit_memo/CM-1-posted-7",
    ),
    "D": (undone("invoice/INV-D-2", "seen", ("invoice", "INV-D", "same_as", None)), ""),
    "E": (again("E", 6.5, **money("99")), ""),
}


def postings(store: Store) -> dict[str, dict[str, Any]]:
    """Findings of second postings by the name of the first."""
    return {one["object"][len("invoice/INV-") :]: one for one in found(store, "duplicate")}


def test_it_is_over_with_the_event_that_undoes_it_and_comes_back(store: Store) -> None:
    first = [
        event
        for name in UNDOING
        for event in (approved(name), *billed(name, 1, [name]), invoiced(name, 4, name))
    ]
    bench = traced(store, [*first, *map(again, UNDOING)])
    before = postings(store)
    assert {name: one["status"] for name, one in before.items()} == dict.fromkeys(UNDOING, "open")
    bench.admit([event for event, _ in UNDOING.values()])
    bench.wheel.turn()
    over = {
        name: (one["status"], one["resolved_by"], one["resolved_at"])
        for name, one in postings(store).items()
    }
    assert over == {name: ("resolved", by, at(7)) for name, (_, by) in UNDOING.items() if by}
    told = everything(store)
    bench.wheel.rebuild()
    assert everything(store) == told
    bench.admit([invoiced(f"{name}-3", 8, name) for name in over])
    bench.wheel.turn()
    for name, one in postings(store).items():
        assert one["status"] == "open"
        assert one["finding_id"] == before[name]["finding_id"]
        assert one["first_seen"] == before[name]["first_seen"]


def test_what_a_changed_rule_does_not_find_any_more_is_resolved_by_it(store: Store) -> None:
    bench = traced(store, [UNKNOWN])
    unknown = only(store)
    assert unknown["status"] == "open"
    known = FailurePattern("new", "", "0x8004.*", "", "tax", "finance_critical", "Call tax.")
    declared = Declarations(load_processes(None), load_calendars(), (known,))
    wheel = Wheel(store, BOUNDS, FixedClock(NOW), declared)
    for _ in range(2):
        wheel.rebuild()
        told = {one["subkind"]: one for one in found(store)}
        assert (told["tax"]["status"], told["unknown"]["status"]) == ("open", "resolved")
        assert told["unknown"]["finding_id"] == unknown["finding_id"]
        assert told["unknown"]["resolved_by"] == "rule failed_event@2"
        assert told["unknown"]["resolved_at"] == NOW
    bench.wheel.rebuild()
    told = {one["subkind"]: one for one in found(store)}
    assert (told["tax"]["status"], told["unknown"]["status"]) == ("resolved", "open")
    assert told["unknown"]["first_seen"] == unknown["first_seen"]


def test_what_a_waiting_event_ends_is_not_ended_by_a_rebuild(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = FailurePattern("new", "", "0x8004.*", "", "tax", "finance_critical", "Call tax.")
    declared = Declarations(load_processes(None), load_calendars(), (known,))
    ended = []
    for is_left in (False, True):
        bench = traced(store, [approved(), *billed()])
        assert "overdue" in [one["subkind"] for one in found(store, "sla_breach")]
        wheel = Wheel(store, BOUNDS, FixedClock(NOW), declared)
        if is_left:
            with monkeypatch.context() as patch:
                patch.setattr(wheel, "_take_everything", lambda _: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    wheel.rebuild()
        bench.admit([invoiced(hours=400)])
        wheel.rebuild()
        judged = [one for one in found(store, "sla_breach") if one["stage"] == "invoiced"]
        ended.append([(one["subkind"], one["resolved_by"]) for one in judged])
    assert ended == [[("late", "event invoice/INV-1-posted-400")]] * 2


def test_it_is_over_when_a_reversal_in_force_first_said_so(store: Store) -> None:
    def memo(action: str, hours: float, *links: tuple[str, str]) -> Event:
        ups = [(*up, "reverses", None) for up in links]
        return said("credit_memo/CM-1", action, hours, links=ups, **money("100"))

    invoice, entry = ("invoice", "INV-2"), ("time_entry", "TE-1")
    twice = [approved(), *billed(), invoiced("1", 4), invoiced("2", 5)]
    told_twice = [memo("created", 4.5), memo("posted", 9, invoice), memo("posted", 12, invoice)]
    traced(store, [*twice, *told_twice])
    over = only(store, "duplicate")
    assert (over["resolved_at"], over["resolved_by"]) == (at(9), "event credit_memo/CM-1-posted-9")
    own = [
        said("time_entry/TE-1", action, hours, actor="bob", **money("100"))
        for action, hours in (("submitted", -1), ("approved", 0), ("rejected", 5))
    ]
    traced(store, [*own, memo("posted", 10, entry), memo("reversed", 11)])
    over = only(store, "conformance")
    assert (over["subkind"], over["resolved_at"]) == ("self_approval", at(5))
    assert over["resolved_by"] == "event time_entry/TE-1-rejected-5"


def test_what_was_missed_before_its_revenue_event_was_taken_back_stays_as_over(
    store: Store,
) -> None:
    links = [("time_entry", "TE-1", "reverses", None)]
    ends = [
        said("credit_memo/CM-1", "posted", 715, links=links, **money("100")),
        said("time_entry/TE-1", "cancelled", 715),
    ]
    for end in ends:
        traced(store, [approved(), *billed()], [end])
        missed = found(store, "sla_breach")
        kinds = sorted((one["subkind"], one["stage"]) for one in missed)
        assert kinds == [("cutoff", "invoiced"), ("overdue", "invoiced")]
        assert {one["resolved_by"] for one in missed} == {f"event {end['event_id']}"}
        assert {one["resolved_at"] for one in missed} == {at(715)}
        # The clock of the first wait runs from a stage of the revenue event's own.
        traced(store, [approved()], [end])
        (waited,) = [one for one in found(store, "sla_breach") if one["stage"] == "billed"]
        assert (waited["subkind"], waited["object"]) == ("overdue", "time_entry/TE-1")
        assert (waited["resolved_by"], waited["resolved_at"]) == (
            f"event {end['event_id']}",
            at(715),
        )
        assert end["event_id"] in waited["evidence"]
        unbilled = [approved(), invoiced(made_from=["time_entry/TE-1"])]
        traced(store, unbilled, [end])
        told = found(store, "conformance")
        skipped = [one for one in told if one["object"] == "time_entry/TE-1"]
        assert {(one["subkind"], one["resolved_at"]) for one in skipped} == {
            ("skipped_stage", at(715))
        }
        assert "approved" not in [one["stage"] for one in skipped]


def test_an_orphan_that_is_taken_back_is_over(store: Store) -> None:
    memo = [("invoice", "INV-2", "reverses", None)]
    batches = [
        [said(f"invoice/INV-{n}", "posted", 4, **money("50")) for n in range(1, 5)],
        [
            said("invoice/INV-1", "reversed", 30),
            said("credit_memo/CM-2", "posted", 31, links=memo, **money("50")),
            # Within its day of grace nobody needs to hear of it.
            said("invoice/INV-3", "reversed", 20),
        ],
    ]
    bench = traced(store, *batches)
    told = {one["object"]: one for one in found(store, "missing_source")}
    assert {key: (one["status"], one["resolved_by"]) for key, one in told.items()} == {
        "invoice/INV-1": ("resolved", "event invoice/INV-1-reversed-30"),
        "invoice/INV-2": ("resolved", "event credit_memo/CM-2-posted-31"),
        "invoice/INV-4": ("open", ""),
    }
    assert told["invoice/INV-1"]["resolved_at"] == at(30)
    assert "and it was taken back since." in told["invoice/INV-2"]["explanation"]
    now = everything(store)
    bench.wheel.rebuild()
    assert everything(store) == now
