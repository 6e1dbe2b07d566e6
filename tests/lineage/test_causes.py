"""Causes: findings of one error in one place of one source are one, with all that hangs on it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.store import Store
from lineage.reader import Reader
from tests.lineage.story import NOW, Event, approved, billed, failed, said, traced

LATELY = 24 * 27
MAPPED = {"source": "mulesoft"}


def causes(store: Store, kind: str = "failed_event", status: str = "open") -> list[dict[str, Any]]:
    return Reader(store).causes(NOW, kind=kind, status=status)


def refused(bill: str, hours: float, words: str, code: str = "E-17", **more: Any) -> Event:
    key = f"billing_event/BE-{bill}"
    return failed(key, "mapped", hours, code, error_message=words, **MAPPED, **more)


def of(contract: str, entity: str, *events: Event) -> list[Event]:
    return [event | {"contract": contract, "legal_entity": entity} for event in events]


# The first one fails under two billing events of one entry.
FAILING = [
    *of("C-1", "US01", approved("1"), billed("1", 1, ["1"])[0], billed("1b", 1, ["1"])[0]),
    *of("C-2", "DE01", approved("2"), billed("2", 1, ["2"])[0]),
    *of("C-1", "US01", refused("1", LATELY, "Row 17 of batch 4711 has no owner")),
    *of("C-1", "US01", refused("1b", LATELY + 1, "Row 18 of batch 4712 has no owner")),
    *of("C-2", "DE01", refused("2", LATELY + 2, "Row 9 of batch 5 has no owner")),
]


def test_an_unknown_error_is_one_cause_however_its_numbers_differ(store: Store) -> None:
    other = refused("2", LATELY + 3, "The moon is full")
    bench = traced(store, [*FAILING, *of("C-2", "DE01", approved("3"), billed("3", 1, ["3"])[0])])
    (one,) = causes(store)
    assert (one["subkind"], one["source"], one["stage"]) == ("unknown", "mulesoft", "mapped")
    assert (one["findings"], one["open_findings"], one["roots"]) == (3, 3, 2)
    assert one["contracts"] == ["C-1", "C-2"]
    assert one["legal_entities"] == ["DE01", "US01"]
    # What two findings hold up counts once.
    assert one["amounts"] == [("USD", Decimal(200))]
    assert one["trend"] == "rising"
    assert one["last_seen"] - one["first_seen"] == timedelta(hours=2)
    assert sum(count for _, count in one["per_day"]) == one["last_week"] == 3
    assert one["runbook"] == "failed_event-unknown"
    found = Reader(store).findings(NOW, kind="failed_event")
    assert {each["cause"] for each in found} == {one["cause"]}
    assert len({each["fingerprint"] for each in found}) == 1
    bench.admit(of("C-2", "DE01", other))
    bench.wheel.turn()
    assert sorted(each["findings"] for each in causes(store)) == [1, 2]


def test_a_known_error_is_a_cause_by_its_code_and_is_over_with_its_findings(store: Store) -> None:
    coded = [
        refused("1", 3, "No mapping for 17", "MULE:EXPRESSION", mapping="salesforce"),
        refused("1b", 3, "Cannot map 18", "MULE:EXPRESSION", mapping="salesforce"),
        refused("2", 3, "No mapping for 19", "MULE:EXPRESSION"),
    ]
    bench = traced(store, [*FAILING[:5], *coded])
    # Another mapping is another cause.
    assert {(each["mapping"], each["findings"]) for each in causes(store)} == {
        ("salesforce", 2),
        ("", 1),
    }
    bench.admit([said(f"billing_event/BE-{name}", "mapped", 5, **MAPPED) for name in ("1", "1b")])
    bench.wheel.turn()
    assert [each["mapping"] for each in causes(store)] == [""]
    (over,) = causes(store, status="resolved")
    assert (over["mapping"], over["open_findings"], over["severity"]) == ("salesforce", 0, "info")
    assert over["amounts"] == [("USD", Decimal(100))]
    assert over["resolved_at"] is not None


def test_an_event_id_that_a_sender_uses_twice_mixes_no_money(store: Store) -> None:
    both = [
        failed(key, "posted", 2, "E-17", source="mulesoft", amount=amount, currency="USD")
        | {"event_id": "one"}
        for key, amount in (("invoice/INV-7", Decimal(7)), ("invoice/INV-8", Decimal(8)))
    ]
    traced(store, both)
    found = Reader(store).findings(NOW, kind="failed_event")
    assert {each["object"]: each["amount"] for each in found} == {
        "invoice/INV-7": 7,
        "invoice/INV-8": 8,
    }
