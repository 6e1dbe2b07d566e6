"""Cases: what people decide about findings holds as long as it says, over everything that is made
again, and never longer than what it was about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.cases import Action, Cases, Entry, Person, Role
from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound
from core.store import Store
from lineage.config import Declarations
from lineage.failure import FailurePattern, load_failures
from lineage.process import load_processes
from lineage.reader import Reader
from revtrace.observing import ObservedWheel
from tests.lineage.arrange import BOUNDS, Bench, bench
from tests.lineage.story import (
    HUNDRED,
    NOW,
    SOURCES,
    Event,
    approved,
    billed,
    failed,
    invoiced,
    said,
)

ANNA, BEN = Person("anna", Role.DECIDER), Person("ben", Role.READER)
TAX = FailurePattern("new", "", "0x8004.*", "", "tax", "finance_critical", "Call tax.")
FAILED = failed("billing_event/BE-1", "mapped", 3, "0x80040217-17", source="mulesoft")
TWICE = [approved("2"), *billed("2", 1, ["2"]), invoiced("2", 4, "2"), invoiced("2-2", 6, "2")]


@dataclass
class Desk:
    """A warehouse with its wheel, its cases, and a clock that moves."""

    bench: Bench
    cases: Cases
    clock: FixedClock

    def turn(self, *events: Event) -> None:
        self.bench.admit(events)
        self.bench.wheel.run_until_idle()

    def decide(self, finding: str, action: Action, **more: Any) -> dict[str, Any]:
        return self.cases.add(Entry(finding=finding, action=action, **more), ANNA)

    def statuses(self, now: datetime | None = None) -> dict[str, str]:
        rows = Reader(self.bench.store).findings(now or self.clock.now())
        return {row["finding_id"]: row["status"] for row in rows}


def desk(store: Store, *events: Event, patterns: Sequence[FailurePattern] = ()) -> Desk:
    """As after a start on what the store holds, when there are no events, else from nothing."""
    clock = FixedClock(NOW)
    if events:
        made = bench(store, clock, load_processes(None), load_calendars(), SOURCES)
    else:
        batch = int(store.value("SELECT max(batch) FROM batches"))
        made = Bench(store, None, batch)  # type: ignore[arg-type]  # It gets its wheel below.
    failures = (*patterns, *load_failures())
    declared = Declarations(load_processes(None), load_calendars(), failures)
    cases = Cases(store, Reader(store), clock)
    made.wheel = ObservedWheel(store, BOUNDS, clock, declared, cases)
    there = Desk(made, cases, clock)
    if events:
        there.turn(*events)
    return there


def ids(there: Desk, kind: str) -> list[str]:
    rows = Reader(there.bench.store).findings(there.clock.now(), kind=kind)
    return sorted(row["finding_id"] for row in rows)


def test_decisions_outlive_a_rebuild_a_restart_and_a_changed_rule(store: Store) -> None:
    there = desk(store, FAILED, *TWICE)
    (failure,), (posting,) = ids(there, "failed_event"), ids(there, "duplicate")
    until = NOW + timedelta(days=7)
    seen = there.decide(failure[:8], Action.ACKNOWLEDGE, note="calling them")
    assert (seen["status"], seen["decided_by"], seen["note"]) == (
        *("acknowledged", "anna"),
        "calling them",
    )
    there.decide(posting, Action.WAIVE, until=until, note="two parts")
    there.decide(posting, Action.ASSIGN, assignee="carla")
    kept = {failure: "acknowledged", posting: "waived"}

    def check(what: Desk) -> None:
        assert {**kept, **what.statuses()} == {**what.statuses(), **kept}

    check(there)
    for table in ("finding_rows", "paths", "objects"):
        there.bench.store.command(f"TRUNCATE TABLE {table}")
    again = desk(store)
    again.bench.wheel.rebuild()
    check(again)
    # By the new rule the failure is of another kind: the old finding is over, and so is its case.
    changed = desk(store, patterns=[TAX])
    changed.bench.wheel.rebuild()
    assert changed.statuses()[posting] == "waived"
    assert changed.statuses()[failure] == "resolved"
    assert changed.cases.finding(posting, NOW)["assignee"] == "carla"
    # A waiver ends at its instant, by whatever instant the reader judges.
    assert changed.statuses(until - timedelta(microseconds=1))[posting] == "waived"
    assert changed.statuses(until)[posting] == "open"
    told = [(each["action"], each["person"]) for each in changed.cases.entries(posting, NOW)]
    assert told == [("waived", "anna"), ("assigned", "anna")]
    assert changed.cases.entries(failure, NOW)[-1]["action"] == "closed"


def test_a_decision_does_not_outlive_what_it_was_about(store: Store) -> None:
    there = desk(store, FAILED)
    (failure,) = ids(there, "failed_event")
    for number, action in enumerate((Action.ACKNOWLEDGE, Action.WAIVE)):
        assert there.decide(failure, action)["status"] == action
        hours = 10 + 10 * number
        there.turn(said("billing_event/BE-1", "mapped", hours, source="mulesoft"))
        assert there.statuses() == {failure: "resolved"}
        with pytest.raises(BadInput, match="is resolved already, by event billing_event/BE-1"):
            there.decide(failure, Action.WAIVE)
        there.turn(failed("billing_event/BE-1", "mapped", hours + 1, "E", source="mulesoft"))
        assert there.statuses() == {failure: "open"}
    # What is waived until an instant is waived until then, however often it comes and goes.
    there.decide(failure, Action.WAIVE, until=NOW + timedelta(days=1))
    there.turn(said("billing_event/BE-1", "mapped", 50, source="mulesoft"))
    there.turn(failed("billing_event/BE-1", "mapped", 51, "E", source="mulesoft"))
    assert there.statuses() == {failure: "waived"}
    there.bench.wheel.rebuild()
    assert there.statuses() == {failure: "waived"}


def test_what_people_resolved_is_open_again_with_newer_evidence(store: Store) -> None:
    there = desk(store, FAILED)
    (failure,) = ids(there, "failed_event")
    solved = there.decide(failure, Action.RESOLVE, note="by hand")
    assert (solved["status"], solved["severity"], solved["resolved_by"], solved["resolved_at"]) == (
        *("resolved", "info", "person anna"),
        NOW,
    )
    there.turn(failed("billing_event/BE-1", "mapped", 2, "E", source="mulesoft"))
    assert there.statuses() == {failure: "resolved"}
    there.turn(failed("billing_event/BE-1", "mapped", 4, "E", source="mulesoft"))
    assert there.statuses() == {failure: "open"}
    there.decide(failure, Action.WAIVE)
    assert there.decide(failure, Action.REOPEN)["status"] == "open"
    with pytest.raises(BadInput, match="no decision to take back"):
        there.decide(failure, Action.REOPEN)


def test_who_may_only_read_decides_nothing_and_what_is_wrong_is_refused(store: Store) -> None:
    there = desk(store, FAILED, *TWICE)
    (failure,) = ids(there, "failed_event")
    with pytest.raises(NotAllowed, match="ben may not decide"):
        there.cases.add(Entry(finding=failure, action=Action.WAIVE), BEN)
    for action, more, says in (
        (Action.WAIVE, {"until": NOW}, "is past already"),
        (Action.RESOLVE, {"until": NOW + timedelta(days=1)}, "does not end"),
        (Action.COMMENT, {}, "says nothing"),
        (Action.ASSIGN, {}, "is to nobody"),
        (Action.COMMENT, {"note": "x" * 4001}, "longer than 4,000"),
    ):
        with pytest.raises(BadInput, match=says):
            there.decide(failure, action, **more)
    with pytest.raises(BadInput, match="at least 6 characters"):
        there.decide(failure[:5], Action.ACKNOWLEDGE)
    with pytest.raises(NotFound, match="there is no finding"):
        there.decide("0" * 32, Action.ACKNOWLEDGE)
    assert there.cases.all(NOW) == []
    there.decide(failure, Action.COMMENT, note="hm")
    assert [(one["status"], one["entries"]) for one in there.cases.all(NOW)] == [("open", 1)]


def test_what_was_decided_about_a_finding_that_is_gone_stays_readable(store: Store) -> None:
    there = desk(store, approved(), *billed())
    late = next(
        row["finding_id"]
        for row in Reader(store).findings(NOW, kind="sla_breach")
        if (row["subkind"], row["stage"]) == ("overdue", "invoiced")
    )
    there.decide(late, Action.ACKNOWLEDGE, note="the ERP team is on it")
    # The event comes late and happened in time: the stage never was overdue.
    there.turn(invoiced(hours=4))
    assert late not in there.statuses()
    (listed,) = there.cases.all(NOW)
    shown = there.cases.shown(late[:8], NOW)
    for told in (listed, shown):
        assert (told["finding_id"], told["status"], told["decided_by"]) == (late, "gone", "")
        assert (told["kind"], told["subkind"], told["object"]) == (
            *("sla_breach", "overdue"),
            "billing_event/BE-1",
        )
        assert (told["amount"], told["currency"]) == (HUNDRED, "USD")
        assert (told["last_action"], told["last_person"], told["last_note"]) == (
            *("acknowledged", "anna"),
            "the ERP team is on it",
        )
    assert "it never was so" in shown["explanation"]
    actions = [each["action"] for each in there.cases.entries(late, NOW)]
    assert actions == ["acknowledged", "closed"]
    with pytest.raises(BadInput, match="is gone: the data no longer say it"):
        there.decide(late, Action.WAIVE)


def test_a_cause_counts_only_what_needs_somebody(any_store: Store) -> None:
    other = failed("billing_event/BE-9", "mapped", 3, "0x80040217-17", source="mulesoft")
    there = desk(any_store, FAILED, other)
    first, second = ids(there, "failed_event")
    there.decide(first, Action.WAIVE)
    (cause,) = Reader(any_store).causes(NOW)
    assert (cause["status"], cause["findings"], cause["open_findings"]) == ("open", 2, 1)
    assert cause["finding_id"] == second
    there.decide(second, Action.WAIVE)
    (cause,) = Reader(any_store).causes(NOW)
    assert (cause["status"], cause["open_findings"], cause["severity"]) == ("waived", 0, "info")
    assert Reader(any_store).aging(NOW, status="active") == []
