"""The reader: documents of the promised shape, any key leads to its paths, refusals that help."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import BadInput, NotFound
from core.store import Store
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.story import (
    NOW,
    approved,
    at,
    billed,
    invoiced,
    posted,
    said,
    traced,
    whole,
)

ROOT = "time_entry/TE-1"
STAGES = ["approved", "billed", "published", "mapped", "invoiced", "posted", "reported"]


@pytest.fixture(scope="module")
def reader(worn: Store) -> Reader:
    """Two hours billed together, a third that waits, and every kind of key."""
    traced(
        worn,
        [
            approved(),
            said(
                "time_entry/TE-2",
                "approved",
                0.5,
                amount=Decimal(50),
                currency="USD",
                correlation_id="run/7",
                trace_id="ab" * 16,
                span_id="cd" * 8,
                customer="CU-2",
                contract="C-2",
                project="P-2",
            ),
            *billed("1", 1, ["1", "2"]),
            invoiced("1", 4, idempotency_key="K-1"),
            posted(),
            said("invoice/INV-0", "seen", 6, links=[("invoice", "INV-1", "same_as", None)]),
            approved("3", 2),
        ],
    )
    return Reader(worn)


def test_the_document_of_a_path_has_its_shape(reader: Reader) -> None:
    told = reader.trace(ROOT, NOW)
    assert (told["root"], told["process"], told["state"]) == (
        ROOT,
        "time_and_materials",
        "complete",
    )
    assert (told["amount"], told["currency"], told["net"]) == (Decimal(100), "USD", Decimal(100))
    assert [stage["name"] for stage in told["stages"]] == STAGES
    wanted = {"name", "state", "reached_at", "completed_at", "due_at", "latency_seconds"}
    assert all(wanted | {"objects", "events"} <= set(stage) for stage in told["stages"])
    assert all({"key", "type", "grade", "via"} <= set(each) for each in told["objects"])
    assert all({"from", "to", "grade", "rule", "event"} <= set(link) for link in told["links"])
    assert [each["key"] for each in told["objects"]] == [
        ROOT,
        "billing_event/BE-1",
        "invoice/INV-0",
        "journal_posting/JE-1",
    ]
    # The story bills more than was worked, and invoices less than was billed.
    assert [each["kind"] for each in told["findings"]] == ["value_break", "value_break"]
    assert "also_on" not in told


def test_a_stage_shows_its_times_objects_and_events(reader: Reader) -> None:
    stage = reader.trace(ROOT, NOW)["stages"][2]
    assert (stage["name"], stage["state"]) == ("published", "done")
    assert stage["reached_at"] == stage["completed_at"] == at(2)
    assert stage["due_at"] == at(5)
    assert stage["latency_seconds"] == timedelta(hours=1).total_seconds()
    assert stage["objects"] == ["billing_event/BE-1"]
    assert [event["event_id"] for event in stage["events"]] == ["billing_event/BE-1-published-2"]


def test_what_waits_is_judged_at_the_given_instant(reader: Reader) -> None:
    states = [reader.trace("time_entry/TE-3", when)["state"] for when in (at(3), NOW)]
    assert states == ["in_flight", "overdue"]
    told = reader.trace("time_entry/TE-3", NOW)
    assert [one["subkind"] for one in told["findings"]] == ["cutoff", "overdue"]
    assert told["next_stage"] == "billed"


def test_every_name_of_an_object_tells_the_same(reader: Reader) -> None:
    assert reader.trace("invoice/INV-1", NOW) == reader.trace("invoice/INV-0", NOW)
    assert reader.trace("invoice/INV-1", NOW)["object"] == "invoice/INV-0"


def test_an_object_on_many_paths_names_them_all_and_shows_some(reader: Reader) -> None:
    told = reader.trace("invoice/INV-1", NOW, paths=1)
    assert told["roots"] == [ROOT, "time_entry/TE-2"]
    assert told["paths_total"] == 2
    assert [path["root"] for path in told["paths"]] == [ROOT]
    assert told["paths"][0] == reader.trace(ROOT, NOW)


@pytest.mark.parametrize(
    ("key", "how", "roots"),
    [
        ("TE-1", "object", [ROOT]),
        (ROOT, "object", [ROOT]),
        ("INV-1", "object", [ROOT, "time_entry/TE-2"]),
        ("invoice/INV-0", "object", [ROOT, "time_entry/TE-2"]),
        ("run/7", "correlation_id", ["time_entry/TE-2"]),
        ("ab" * 16, "trace_id", ["time_entry/TE-2"]),
        ("AB" * 16, "trace_id", ["time_entry/TE-2"]),
        ("K-1", "idempotency_key", [ROOT, "time_entry/TE-2"]),
        ("C-2", "", ["time_entry/TE-2"]),
        ("P-2", "", ["time_entry/TE-2"]),
        ("CU-1", "", [ROOT, "time_entry/TE-3"]),
    ],
)
def test_any_key_leads_to_its_paths(reader: Reader, key: str, how: str, roots: list[str]) -> None:
    told = reader.find(key, NOW)
    assert [path["root"] for path in told["paths"]] == roots
    assert told["paths_total"] == len(roots)
    assert {match["found_as"] for match in told["matches"]} == ({how} if how else set())


@pytest.mark.parametrize("key", ["nothing", "", "/", "invoice/", "'", "%", "\\"])
def test_a_key_that_leads_nowhere_is_an_empty_answer(reader: Reader, key: str) -> None:
    assert reader.find(key, NOW) == {
        "key": key,
        "named": [],
        "matches": [],
        "paths": [],
        "paths_total": 0,
    }


def test_find_shows_no_more_than_asked_but_counts_all(reader: Reader) -> None:
    told = reader.find("CU-1", NOW, limit=1)
    assert (len(told["paths"]), told["paths_total"]) == (1, 2)
    assert told["named"] == ["customer"]


def test_a_path_that_a_key_leads_to_in_two_ways_counts_once(new_store: NewStore) -> None:
    store = new_store()
    keyed = said("time_entry/TE-2", "seen", 1, idempotency_key="CU-1")
    traced(store, [approved("1"), approved("2"), approved("3"), keyed])
    reader = Reader(store)
    roots = [ROOT, "time_entry/TE-2", "time_entry/TE-3"]
    for limit in (None, 1, 2, 5):
        told = reader.find("CU-1", NOW, limit=limit)
        assert [path["root"] for path in told["paths"]] == roots[:limit]
        assert told["paths_total"] == 3


@pytest.mark.parametrize("key", ["TE-1", "", "/TE-1", "time_entry/", "/"])
def test_a_key_without_type_and_id_is_refused(reader: Reader, key: str) -> None:
    with pytest.raises(BadInput, match="names no object.*TYPE/ID.*invoice/INV-1001"):
        reader.trace(key, NOW)


def test_an_unknown_object_is_not_found(reader: Reader) -> None:
    with pytest.raises(NotFound, match="nothing is known of invoice/X.*no event names it.*find X"):
        reader.trace("invoice/X", NOW)


def test_events_that_no_process_begins_with_are_shown_with_the_reason(new_store: NewStore) -> None:
    store = new_store()
    odd = {"source": "my-psa", "contract": "C-7", "customer": "CU-7"}
    bench = traced(
        store,
        [
            said(ROOT, "approved", 0, **odd),
            said("invoice/INV-7", "created", 1, made_from=[ROOT], **odd),
            said("invoice/INV-8", "created", 1, **odd),
            said("time_entry/TE-5", "submitted", 1),
            said("time_entry/TE-9", "approved", 1, source="/psa/eu"),
        ],
    )
    reader = Reader(store)
    told = reader.trace(ROOT, NOW)
    assert (told["object"], told["roots"], told["paths_total"]) == (ROOT, [], 0)
    assert told["events_total"] == 1
    assert [(event["source"], event["role"]) for event in told["events"]] == [("my-psa", "unknown")]
    assert told["reason"] == "other_role"
    assert "source my-psa has role unknown" in told["why"]
    assert "sources/my-psa.toml" in told["todo"]
    told = reader.trace("time_entry/TE-9", NOW)["todo"]
    assert (
        'sources/psa-eu.toml in the config folder (REVTRACE_CONFIG) with name = "/psa/eu"' in told
    )
    assert "revtrace trace time_entry/TE-1" in reader.trace("invoice/INV-7", NOW)["todo"]
    assert reader.trace("invoice/INV-8", NOW)["reason"] == "not_linked"
    assert reader.trace("time_entry/TE-5", NOW)["reason"] == "other_action"
    found = [
        {"found_as": "contract", "object": "invoice/INV-7"},
        {"found_as": "contract", "object": "invoice/INV-8"},
        {"found_as": "contract", "object": ROOT},
    ]
    assert reader.find("C-7", NOW)["matches"] == found
    assert len(reader.find("CU-7", NOW)["matches"]) == 3
    bench.admit([said("expense_item/EX-9", "approved", 2, contract="C-9")])
    assert reader.trace("expense_item/EX-9", NOW)["reason"] == "waiting"
    for key, how in (("C-9", "contract"), ("EX-9", "object"), ("expense_item/EX-9", "object")):
        matches = [{"found_as": how, "object": "expense_item/EX-9"}]
        assert reader.find(key, NOW)["matches"] == matches


def test_findings_are_filtered_and_the_largest_come_first(reader: Reader) -> None:
    told = reader.findings(NOW)
    late = ["time_entry/TE-3", "time_entry/TE-3"]
    assert [one["object"] for one in told] == [
        *("invoice/INV-0", "time_entry/TE-3", "billing_event/BE-1", "time_entry/TE-3"),
    ]
    assert reader.findings(NOW, status="open") == told
    assert [one["object"] for one in reader.findings(NOW, kind="sla_breach")] == late
    assert reader.findings(NOW, finding_class="finance_critical") == told
    assert reader.findings(NOW, min_amount=Decimal(100), limit=1) == told[:1]
    assert reader.findings(NOW, min_amount=Decimal("100.01")) == []
    assert reader.findings(NOW, kind="duplicate") == []
    assert reader.findings(NOW, status="resolved") == []
    assert reader.findings(at(3), kind="sla_breach") == []


def test_a_revenue_event_on_another_path_says_so(new_store: NewStore) -> None:
    store = new_store()
    traced(store, whole(), [said("time_entry/TE-4", "approved", 6, made_from=[ROOT])])
    told = Reader(store).trace("time_entry/TE-4", NOW)
    assert told["root"] == "time_entry/TE-4"
    assert told["also_on"] == [ROOT]


def test_progress_counts_what_waits(new_store: NewStore) -> None:
    store = new_store()
    bench = traced(store, whole())
    bench.admit([approved("2"), approved("3")])
    told = Reader(store).progress()
    assert (told["batches_waiting"], told["events_waiting"]) == (1, 2)
    bench.wheel.turn()
    told = Reader(store).progress()
    assert (told["batches_waiting"], told["refreshed_at"]) == (0, NOW)
