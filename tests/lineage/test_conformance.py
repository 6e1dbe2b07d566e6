"""Detectors of conformance, duplicates, values, governance: found once, gone with the cause."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.store import Store
from lineage.reader import Reader
from tests.lineage.arrange import everything
from tests.lineage.story import (
    NOW,
    Event,
    approved,
    at,
    billed,
    invoiced,
    money,
    posted,
    said,
    traced,
    whole,
)
from tests.model.apart import apart

ENTRY = "time_entry/TE-1"
BILL = "billing_event/BE-1"
INVOICE = "invoice/INV-1"
JOURNAL = "journal_posting/JE-1"
WORK = {"work_date": "2026-08-10", "hours": "8"}


def found(store: Store, kind: str, subkind: str = "") -> list[dict[str, Any]]:
    return [
        one
        for one in Reader(store).findings(NOW, kind=kind)
        if not subkind or one["subkind"] == subkind
    ]


def work(name: str, hours: float = 0, attributes: dict[str, str] | None = None) -> Event:
    """An approved entry of a resource that says what was done when."""
    event = approved(name, hours)
    return {**event, "resource": "R-1", "attributes": WORK if attributes is None else attributes}


def receipt(name: str, amount: str, day: str = "2026-08-10") -> Event:
    attributes = {"expense_date": day, "category": "taxi"}
    key = f"expense_item/EX-{name}"
    told = said(key, "approved", 0, resource="R-1", source="psa", **money(amount))
    return {**told, "attributes": attributes}


def terms(version: str, hours: float, action: str = "activated") -> Event:
    return said("contract/C-1", action, hours, source="salesforce", contract_version=version)


def charged(version: str) -> list[Event]:
    bill = billed()
    return [{**bill[0], "contract_version": version}, *bill[1:]]


def recognized(hours: float = 5) -> Event:
    return posted("1", hours, measure="recognized")


def project_in_erp(hours: float) -> Event:
    return said("project/P-1", "created", hours)


def project(name: str, **more: Any) -> Event:
    return said(f"project/{name}", "created", 0, source="psa", project=name, **more)


def alone() -> Event:
    return said("invoice/INV-M", "posted", 4, **money("50"))


def by(actor: str, event: Event) -> Event:
    return {**event, "actor": actor}


SUBMITTED = said(ENTRY, "submitted", -2, actor="R-1")
CHANGED = {**approved(), "content_hash": b"another content!", "amount": Decimal(90)}
PERIOD_OVER = said(ENTRY, "approved", 24 * 27, **money("100"))

# Name, kind, subkind, the events, what it is found on, its amount, evidence that it must show, and
# the events that undo it (none: nothing can).
Case = tuple[str, str, list[Event], str, str | None, set[str], list[Event]]
CASES: dict[str, Case] = {
    "a stage that was passed over": (
        "conformance",
        "skipped_stage",
        [billed()[0] | {"event_id": "made"}, *billed()[1:], invoiced(), posted()],
        ENTRY,
        None,
        {"made"},
        [approved(hours=0.5)],
    ),
    "an invoice before its billing event": (
        "conformance",
        "out_of_order",
        [approved(), *billed(hours=6), invoiced(hours=4), posted(hours=9)],
        INVOICE,
        "100",
        {f"{INVOICE}-posted-4", f"{BILL}-mapped-8"},
        [],
    ),
    "approved by the one who asked": (
        "conformance",
        "self_approval",
        [SUBMITTED, by("R-1", approved())],
        ENTRY,
        "100",
        {SUBMITTED["event_id"], approved()["event_id"]},
        [by("EM-1", approved(hours=-1))],
    ),
    "asked for by the approver, without a submission": (
        "conformance",
        "self_approval",
        [by("R-1", approved()) | {"attributes": {"submitted_by": "R-1"}}],
        ENTRY,
        "100",
        {approved()["event_id"]},
        [said(ENTRY, "submitted", -1, actor="R-2")],
    ),
    "approved after the billing cutoff": (
        "conformance",
        "late_approval",
        [PERIOD_OVER | {"period": "2026-08"}],
        ENTRY,
        "100",
        {PERIOD_OVER["event_id"]},
        [approved()],
    ),
    "work before the project is in the ERP": (
        "conformance",
        "early_start",
        [approved(), project_in_erp(3)],
        ENTRY,
        "100",
        {approved()["event_id"], "project/P-1-created-3"},
        [project_in_erp(-3)],
    ),
    "revenue before approval": (
        "conformance",
        "no_evidence",
        [approved(hours=7), *billed(), invoiced(), recognized()],
        JOURNAL,
        "100",
        {recognized()["event_id"]},
        [approved(hours=0)],
    ),
    "billed on old terms": (
        "conformance",
        "stale_terms",
        [terms("1", -20), terms("2", -10, "amended"), approved(), *charged("1")],
        BILL,
        "100",
        {f"{BILL}-created-1", "contract/C-1-amended--10"},
        [terms("1", -30), terms("2", -40, "amended")],
    ),
    "one id, two contents": (
        "duplicate",
        "conflict",
        [approved(), CHANGED],
        ENTRY,
        None,
        {approved()["event_id"]},
        [],
    ),
    "the same hours again": (
        "duplicate",
        "business",
        [work("1"), work("2", attributes=WORK | {"hours": "8.00"})],
        ENTRY,
        "100",
        {work("1")["event_id"], work("2")["event_id"]},
        [said("time_entry/TE-2", "rejected", 9)],
    ),
    "the same receipt again": (
        "duplicate",
        "business",
        [receipt("1", "30"), receipt("2", "30.00")],
        "expense_item/EX-1",
        "30",
        {receipt("1", "30")["event_id"]},
        [receipt("2", "31") | {"occurred_at": at(2), "event_id": "corrected"}],
    ),
    "one contract, two projects": (
        "duplicate",
        "business",
        [project("P-1"), project("P-2")],
        "project/P-1",
        None,
        {project("P-1")["event_id"]},
        [said("project/P-2", "reversed", 9, source="psa")],
    ),
    "money lost on a hop": (
        "value_break",
        "",
        [approved(), *billed(), invoiced(**money("90")), posted(**money("90"))],
        INVOICE,
        "10",
        {f"{INVOICE}-posted-4"},
        [invoiced("2", 6, **money("10"))],
    ),
    "a posting from nowhere": (
        "missing_source",
        "orphan_posting",
        [alone()],
        "invoice/INV-M",
        "50",
        {alone()["event_id"]},
        [approved(), *billed(), said("invoice/INV-M", "seen", 30, made_from=[BILL])],
    ),
    "a ring of links": (
        "governance",
        "link_cycle",
        [
            said(BILL, "created", 1, made_from=["billing_event/BE-2"], **money("5")),
            said("billing_event/BE-2", "created", 2, made_from=[BILL], **money("7")),
        ],
        BILL,
        "12",
        {f"{BILL}-created-1", "billing_event/BE-2-created-2"},
        [],
    ),
}


def of_its_own(events: Sequence[Event], place: int) -> list[Event]:
    """The events of a case with ids of its own, so that all cases fit into one story."""
    return [apart(event, f"{{}}~{place}") for event in events]


# What an event undid, in contrast to what turned out never to have been so.
PROVED = {"the same hours again", "one contract, two projects", "a posting from nowhere"}
ALL = [of_its_own(case[2], place) for place, case in enumerate(CASES.values())]
UNDOING = [of_its_own(case[6], place) for place, case in enumerate(CASES.values())]


def of_case(store: Store, place: int, case: Case) -> list[dict[str, Any]]:
    """What is open of the kind of a case on its own objects."""
    return [
        one
        for one in found(store, case[0], case[1])
        if one["object"].endswith(f"~{place}") and one["status"] == "open"
    ]


def test_each_is_found_once_and_goes_with_its_cause(any_store: Store) -> None:
    store = any_store
    bench = traced(store, [event for events in ALL for event in events])
    for place, (name, case) in enumerate(CASES.items()):
        ones = of_case(store, place, case)
        assert [one["object"] for one in ones] == [f"{case[3]}~{place}"], name
        assert ones[0]["amount"] == (None if case[4] is None else Decimal(case[4])) or not case[4]
        assert {f"{event}~{place}" for event in case[5]} <= set(ones[0]["evidence"]), name
        assert ones[0]["object"] in ones[0]["explanation"], name
    told = everything(store)
    bench.wheel.rebuild()
    assert everything(store) == told
    bench.admit([event for events in UNDOING for event in events])
    bench.wheel.turn()
    left = [name for place, (name, case) in enumerate(CASES.items()) if of_case(store, place, case)]
    assert left == [name for name, case in CASES.items() if not case[6]]
    over = {
        one["object"].split("~")[-1]: one
        for one in Reader(store).findings(NOW)
        if one["status"] == "resolved" and "~" in one["object"]
    }
    places = {name: str(place) for place, name in enumerate(CASES)}
    assert {name for name, place in places.items() if place in over} >= PROVED
    assert all(one["resolved_by"].startswith("event ") for one in over.values())
    assert all(one["evidence"] for one in over.values())
    told = everything(store)
    bench.wheel.rebuild()
    assert everything(store) == told


def test_split_and_turned_round_it_is_the_same(store: Store) -> None:
    events = [event for events in ALL for event in events]
    traced(store, events)
    told = everything(store)
    events.reverse()
    traced(store, events[::3], events[1::3], events[2::3])
    assert everything(store) == told


NEAR: dict[str, tuple[str, Sequence[Event]]] = {
    "everything in order": ("conformance", whole()),
    "approved by another": ("conformance", [SUBMITTED, by("EM-1", approved())]),
    "approved before the cutoff": ("conformance", [approved() | {"period": "2026-08"}]),
    "the project was there": ("conformance", [approved(), project_in_erp(-3)]),
    "the project never was in an ERP": ("conformance", [approved(), project("P-1")]),
    "an old version that never was in force": ("conformance", [terms("2", -9), *charged("1")][:1]),
    "newer terms came later": (
        "conformance",
        [terms("1", -20), terms("2", 10, "amended"), approved(), *charged("1")],
    ),
    "the same event twice": ("duplicate", [approved(), approved()]),
    "another day": ("duplicate", [work("1"), work("2", 0, WORK | {"work_date": "2026-08-11"})]),
    "no hours": ("duplicate", [work("1", 0, {}), work("2", 0, {})]),
    "another resource": ("duplicate", [work("1"), work("2") | {"resource": "R-2"}]),
    "two receipts of a day": ("duplicate", [receipt("1", "30"), receipt("2", "31")]),
    "projects of two contracts": ("duplicate", [project("P-1"), project("P-2", contract="C-2")]),
    "projects without a contract": (
        "duplicate",
        [project("P-1", contract=""), project("P-2", contract="")],
    ),
    "a cent of rounding": (
        "value_break",
        [approved(), *billed(), invoiced(**money("99.99")), posted(**money("99.99"))],
    ),
    "one bill on two invoices": (
        "value_break",
        [approved(), *billed(), invoiced("1", **money("60")), invoiced("2", **money("40"))],
    ),
    "nothing invoiced yet": ("value_break", [approved(), *billed()]),
    "a reversed invoice, made anew": (
        "value_break",
        [*whole(), said(INVOICE, "reversed", 5.5), invoiced("2", 6)],
    ),
    "a chain without a ring": ("governance", whole()),
    "an entry without an ERP": ("missing_source", [approved()]),
}


def test_what_only_looks_like_it_is_none(store: Store) -> None:
    traced(
        store,
        [
            event
            for place, (_, events) in enumerate(NEAR.values())
            for event in of_its_own(events, place)
        ],
    )
    wrong = [
        (name, one["subkind"], one["object"])
        for place, (name, (kind, _)) in enumerate(NEAR.items())
        for one in found(store, kind)
        if one["object"].endswith(f"~{place}")
    ]
    assert wrong == []


def test_a_finding_comes_back_with_its_cause(store: Store) -> None:
    bench = traced(store, [work("1"), work("2")])
    (first,) = found(store, "duplicate")
    bench.admit([said("time_entry/TE-2", "rejected", 9)])
    bench.wheel.turn()
    (over,) = found(store, "duplicate")
    assert (over["status"], over["resolved_at"]) == ("resolved", at(9))
    assert over["resolved_by"] == "event time_entry/TE-2-rejected-9"
    bench.admit([work("2", 10)])
    bench.wheel.turn()
    (again,) = found(store, "duplicate")
    assert (again["finding_id"], again["first_seen"]) == (first["finding_id"], first["first_seen"])
    assert again["status"] == "open"


def test_the_same_hours_show_a_score(store: Store) -> None:
    traced(store, [work("1"), work("2")])
    (one,) = found(store, "duplicate")
    assert one["score"] == Decimal("0.99")
    assert "(score 0.99)" in one["explanation"]


def test_an_orphan_has_a_day_of_grace(store: Store) -> None:
    traced(store, [alone()])
    due = at(4) + timedelta(hours=24)
    assert Reader(store).findings(due, kind="missing_source") == []
    (one,) = Reader(store).findings(due + timedelta(microseconds=1), kind="missing_source")
    assert one["first_seen"] == due
