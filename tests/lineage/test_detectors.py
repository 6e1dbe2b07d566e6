"""The detectors: nothing of what is in order, each fault once, and gone with its cause."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.detector import Detector, load_detectors
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.arrange import everything
from tests.lineage.story import (
    NOW,
    Event,
    approved,
    at,
    billed,
    failed,
    invoiced,
    money,
    posted,
    said,
    traced,
    whole,
)

SQL = SqlFolder(__file__)
TICK = timedelta(microseconds=1)
BILLING = "billing_event/BE-1"
INVOICE = "invoice/INV-1"
LATE_JOURNAL = 5 + 24


def found(store: Store, now: datetime = NOW, kind: str = "") -> list[dict[str, Any]]:
    return Reader(store).findings(now, kind=kind)


def only(store: Store, now: datetime = NOW, kind: str = "") -> dict[str, Any]:
    """The one finding there is."""
    (one,) = found(store, now, kind)
    return one


def shown(store: Store, now: datetime = NOW) -> list[tuple[str, ...]]:
    return sorted(
        (one["kind"], one["subkind"], one["object"], one["stage"], one["status"])
        for one in found(store, now)
    )


def test_no_events_no_findings(store: Store) -> None:
    made = traced(store)
    for turn, detector in enumerate(load_detectors(), start=1):
        detector.run(made.store, turn)
    assert store.rows(SQL["finding_rows"]) == []
    assert found(store) == []


def test_what_is_in_order_is_no_finding(store: Store) -> None:
    traced(store, whole())
    assert store.rows(SQL["finding_rows"]) == []


BROKEN = [
    approved(),
    *billed(),
    failed(INVOICE, "posted", 3.5, "CLOSED_TRAN_PRD", made_from=[BILLING]),
    invoiced("1"),
    invoiced("2"),
    approved("2"),
    *billed("2", 30, ["2"]),
    approved("3"),
    *billed("3", 1, ["3"]),
    posted("1", LATE_JOURNAL),
]


@pytest.mark.soak
def test_saying_it_twice_changes_nothing(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = traced(new_store(), BROKEN[:6], BROKEN[6:])
    run = Detector.run

    def run_twice(self: Detector, store: Store, turn: int, limits: LineageSettings) -> None:
        run(self, store, turn, limits)
        run(self, store, turn, limits)

    monkeypatch.setattr(Detector, "run", run_twice)
    twice = traced(new_store(), BROKEN[:6], BROKEN[6:])
    assert found(once.store)
    assert everything(twice.store) == everything(once.store)
    told = twice.store.rows(SQL["finding_rows"])
    assert told == once.store.rows(SQL["finding_rows"])
    twice.wheel.rebuild()
    assert everything(twice.store) == everything(once.store)


# --- limits ---------------------------------------------------------------------------------------


def test_overdue_begins_right_after_the_due_instant(store: Store) -> None:
    traced(store, [approved(), *billed()[:1]])
    due = at(1 + 4)
    assert found(store, due) == []
    one = only(store, due + TICK)
    assert (one["kind"], one["subkind"], one["status"]) == ("sla_breach", "overdue", "open")
    assert (one["object"], one["stage"]) == (BILLING, "published")
    assert one["process"] == "time_and_materials"
    assert (one["amount"], one["currency"], one["roots"]) == (Decimal(100), "USD", 1)
    assert one["root_sample"] == ["time_entry/TE-1"]
    assert one["due_at"] == due == one["first_seen"]
    assert one["clock_start"] == at(0)


def test_one_stuck_object_is_one_finding_of_all_its_revenue_events(store: Store) -> None:
    entries = ["1", "2", "3"]
    traced(store, [*map(approved, entries), *billed("1", 1, entries)[:1]])
    one = only(store, at(6))
    assert (one["object"], one["roots"], one["amount"]) == (BILLING, 3, Decimal(300))


def test_overdue_turns_into_late_when_the_stage_is_reached(store: Store) -> None:
    bench = traced(store, [approved(), *billed()[:1]])
    assert shown(store, at(9)) == [("sla_breach", "overdue", BILLING, "published", "open")]
    bench.admit(billed(hours=8)[1:2])
    bench.wheel.turn()
    one = only(store, at(9.5))
    assert (one["subkind"], one["object"]) == ("late", "time_entry/TE-1")
    assert (one["status"], one["severity"]) == ("resolved", "info")
    assert one["resolved_at"] == at(9) == one["last_seen"]
    assert one["resolved_by"] == f"event {BILLING}-published-9"
    assert one["evidence"] == [f"{BILLING}-published-9"]
    assert "4 hours" in one["explanation"]


def test_what_is_in_time_withdraws_what_would_have_been_overdue(store: Store) -> None:
    bench = traced(store, [approved(), *billed()[:1]])
    assert found(store, at(9))
    bench.admit([*billed()[1:], invoiced(), posted()])
    bench.wheel.turn()
    assert found(store) == []


def test_a_late_arrival_of_an_early_event_was_in_time(store: Store) -> None:
    bench = traced(store, [approved(), *billed()[:1], billed(hours=8)[1]])
    assert [one["subkind"] for one in found(store, at(9.5))] == ["late"]
    bench.admit(billed()[1:2])
    bench.wheel.turn()
    assert found(store, at(4)) == []


@pytest.mark.parametrize("action", ["rejected", "reversed", "cancelled"])
def test_what_is_cancelled_is_never_overdue(store: Store, action: str) -> None:
    bench = traced(store, [approved()])
    assert found(store)
    bench.admit([said("time_entry/TE-1", action, 2)])
    bench.wheel.turn()
    assert found(store) == []
    bench.admit([approved(hours=3)])
    bench.wheel.turn()
    assert {one["subkind"] for one in found(store)} == {"overdue", "cutoff"}


# --- failed events --------------------------------------------------------------------------------

MAPPED = {"source": "mulesoft"}


def mapping_failed(hours: float, code: str = "MULE:EXPRESSION") -> Event:
    words = "No mapping for P-1"
    return failed(BILLING, "mapped", hours, code, error_message=words, **MAPPED)


def test_a_failed_event_is_classed_and_knows_its_money(store: Store) -> None:
    traced(store, [approved(), *billed()[:2], mapping_failed(3)])
    one = only(store, at(3.5))
    assert (one["kind"], one["subkind"], one["class"]) == (
        "failed_event",
        "mapping",
        "finance_critical",
    )
    assert (one["object"], one["stage"], one["source"]) == (BILLING, "mapped", "mulesoft")
    assert (one["severity"], one["status"]) == ("critical", "open")
    assert (one["amount"], one["roots"]) == (Decimal(100), 1)
    assert one["evidence"] == ["billing_event/BE-1-mapped-3"]
    assert "MULE:EXPRESSION No mapping for P-1" in one["explanation"]
    assert one["runbook"] == "failed_event-mapping"


def test_a_failure_has_the_objects_money_where_no_revenue_event_has_any(store: Store) -> None:
    entry = said("time_entry/TE-1", "approved", 0)
    bill = said(BILLING, "created", 1, made_from=["time_entry/TE-1"], **money("70"))
    refused = failed("invoice/INV-8", "posted", 2, "INVALID_KEY_OR_REF", **money("40", "EUR"))
    again = failed("invoice/INV-8", "posted", 3, "INVALID_KEY_OR_REF")
    traced(store, [entry, bill, mapping_failed(2), refused, again])
    told = {one["object"]: one for one in found(store, at(4), "failed_event")}
    assert (told[BILLING]["roots"], told[BILLING]["amount"]) == (1, Decimal(70))
    assert (told["invoice/INV-8"]["amount"], told["invoice/INV-8"]["currency"]) == (40, "EUR")
    # It is on no path, and whoever asks for it learns what is the matter.
    assert Reader(store).trace("invoice/INV-8", at(4))["findings"] == [told["invoice/INV-8"]]


def test_an_error_nobody_knows_is_unknown(store: Store) -> None:
    traced(store, [mapping_failed(3, "0x80040217-17")])
    one = only(store)
    assert (one["subkind"], one["class"], one["roots"]) == ("unknown", "finance_critical", 0)


def test_what_heals_on_retry_is_a_warning(store: Store) -> None:
    traced(store, [mapping_failed(3, "HTTP:TIMEOUT")])
    one = only(store)
    assert (one["subkind"], one["class"], one["severity"]) == ("timeout", "transient", "warning")


def test_an_observed_ok_resolves_it_and_a_later_failure_reopens_it(store: Store) -> None:
    bench = traced(store, [approved(), *billed()[:2], mapping_failed(3)])
    first = only(store, at(3.5))
    bench.admit(billed(hours=2)[2:])
    bench.wheel.turn()
    healed = only(store, at(4.5))
    assert healed["finding_id"] == first["finding_id"]
    assert (healed["status"], healed["severity"]) == ("resolved", "info")
    assert (healed["resolved_at"], healed["resolved_by"]) == (
        at(4),
        "event billing_event/BE-1-mapped-4",
    )
    bench.admit([mapping_failed(4.25)])
    bench.wheel.turn()
    again = only(store, at(4.5))
    assert again["finding_id"] == first["finding_id"]
    assert (again["status"], again["last_seen"]) == ("open", at(4.25))
    assert again["resolved_at"] is None
    assert "2 times" in again["explanation"]


SETTLING: list[tuple[str, list[Event], str]] = [
    ("retrying is no ok", [said(BILLING, "mapped", 4, outcome="retrying", **MAPPED)], "open"),
    ("another action", [said(BILLING, "published", 4, **MAPPED)], "open"),
    ("an ok before it", [said(BILLING, "mapped", 2.5, **MAPPED)], "open"),
    ("an ok at its instant", [said(BILLING, "mapped", 3, **MAPPED)], "resolved"),
    ("a stranger's ok", [said("billing_event/BE-9", "mapped", 4, **MAPPED)], "open"),
    (
        "a sibling of the same make",
        [said("billing_event/BE-9", "mapped", 4, made_from=["time_entry/TE-1"], **MAPPED)],
        "resolved",
    ),
    (
        "an object with its key",
        [said("billing_event/BE-9", "mapped", 4, idempotency_key="K", **MAPPED)],
        "resolved",
    ),
    (
        "an object of another type with its key",
        [said("invoice/INV-9", "mapped", 4, idempotency_key="K", **MAPPED)],
        "open",
    ),
    (
        "another name of it",
        [
            said(
                "billing_event/BE-9",
                "mapped",
                4,
                links=[("billing_event", "BE-1", "same_as", None)],
                **MAPPED,
            )
        ],
        "resolved",
    ),
]


@pytest.mark.parametrize(("events", "status"), [pytest.param(e, s, id=i) for i, e, s in SETTLING])
def test_only_its_own_ok_settles_a_failure(store: Store, events: list[Event], status: str) -> None:
    failure = failed(BILLING, "mapped", 3, "MULE:EXPRESSION", idempotency_key="K", **MAPPED)
    traced(store, [approved(), *billed()[:1], failure], events)
    assert only(store, at(4.5), "failed_event")["status"] == status


# --- posted twice ---------------------------------------------------------------------------------


def test_the_same_make_and_amount_twice_is_posted_twice(store: Store) -> None:
    traced(store, whole(), [invoiced("2", 6)])
    one = only(store, at(6), "duplicate")
    assert (one["subkind"], one["object"], one["status"]) == ("posting", INVOICE, "open")
    assert (one["amount"], one["currency"]) == (Decimal(100), "USD")
    assert one["first_seen"] == at(6)
    assert "invoice/INV-2" in one["explanation"]
    assert set(one["evidence"]) == {"invoice/INV-1-posted-4", "invoice/INV-2-posted-6"}


def test_the_same_key_twice_is_posted_twice(store: Store) -> None:
    key = {"idempotency_key": "K"}
    traced(store, [invoiced("1", 4, "1", **key)], [invoiced("2", 5, "2", **money("90"), **key)])
    one = only(store, at(5), "duplicate")
    assert (one["object"], one["amount"]) == (INVOICE, Decimal(90))
    assert "the idempotency key K" in one["explanation"]


def test_what_was_posted_and_not_acknowledged_is_told_from_what_was_billed_twice(
    store: Store,
) -> None:
    def sent(hours: float, code: str, **more: Any) -> Event:
        return failed(BILLING, "sent", hours, code, **MAPPED, **more)

    # Somebody bills again what was refused for its data, and long after a call that got no answer.
    bench = traced(store, [*whole(), sent(3, "HTTP:TIMEOUT"), sent(5, "MULE:EXPRESSION")])
    bench.admit([invoiced("2", 6)])
    bench.wheel.turn()
    assert only(store, at(6), "duplicate")["code"] == ""
    # Of what was told of what they were made from, in whatever order it comes.
    bench.admit([sent(4.5, "HTTP:TIMEOUT")])
    bench.wheel.turn()
    told = only(store, at(6), "duplicate")
    assert (told["code"], told["amount"]) == ("HTTP:TIMEOUT", Decimal(100))
    assert "the first was posted and not acknowledged, since mulesoft got no" in told["explanation"]
    assert "billing_event/BE-1-sent-4.5" in told["evidence"]
    bench.wheel.rebuild()
    assert only(store, at(6), "duplicate") == told


def test_a_third_one_belongs_to_the_same_finding(store: Store) -> None:
    bench = traced(store, whole(), [invoiced("2", 6)])
    first = only(store, at(6), "duplicate")
    bench.admit([invoiced("3", 7)])
    bench.wheel.turn()
    one = only(store, at(7), "duplicate")
    assert one["finding_id"] == first["finding_id"]
    assert one["amount"] == Decimal(200)


def test_a_journal_posting_counts_as_an_invoice_does(store: Store) -> None:
    traced(store, whole(), [posted("2", 6)])
    assert only(store, at(6), "duplicate")["object"] == "journal_posting/JE-1"


NEAR: list[tuple[str, list[Event]]] = [
    ("another amount", [invoiced("2", 6, **money("100.0001"))]),
    ("another currency", [invoiced("2", 6, **money("100", "EUR"))]),
    ("no amount", [invoiced("2", 6, amount=None, currency="")]),
    ("made from another", [invoiced("2", 6, "2")]),
    (
        "made from one more",
        [invoiced("2", 6, made_from=[BILLING, "billing_event/BE-2"])],
    ),
    ("not posted yet", [said("invoice/INV-2", "created", 6, made_from=[BILLING], **money("100"))]),
    ("it failed", [{**invoiced("2", 6), "outcome": "failed"}]),
    (
        "another name of the first",
        [
            invoiced("2", 6),
            said("invoice/INV-2", "seen", 7, links=[("invoice", "INV-1", "same_as", None)]),
        ],
    ),
    ("reversed and made anew", [said(INVOICE, "reversed", 5.5), invoiced("2", 6)]),
    (
        "credited in full and made anew",
        [
            said("credit_memo/CM-1", "posted", 5, links=[("invoice", "INV-1", "reverses", None)]),
            invoiced("2", 6),
        ],
    ),
    (
        "the key of another type",
        [
            invoiced("1", 6, idempotency_key="K"),
            posted("1", 7, idempotency_key="K"),
        ],
    ),
    (
        "the same key on the same object",
        [invoiced("1", 6, idempotency_key="K"), invoiced("1", 7, idempotency_key="K")],
    ),
    (
        "the same key where one failed",
        [
            invoiced("1", 6, idempotency_key="K"),
            {**invoiced("2", 7, "2", idempotency_key="K"), "outcome": "failed"},
        ],
    ),
]


@pytest.mark.parametrize("events", [pytest.param(events, id=name) for name, events in NEAR])
def test_what_only_looks_like_it_is_not_posted_twice(store: Store, events: list[Event]) -> None:
    traced(store, whole(), events)
    assert found(store, kind="duplicate") == []
