"""The sums of the overview, with currencies kept apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboards import standing

NOW = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
CLOSE = NOW + timedelta(days=2)


def row(**fields: Any) -> dict[str, Any]:
    plain = {
        "legal_entity": "US01",
        "process": "time_and_materials",
        "currency": "USD",
        "state": "in_flight",
        "next_stage": "billed",
        "cutoff_at": CLOSE,
        "awaited": 1,
        "paths": 1,
        "without_amount": 0,
        "amount": Decimal(100),
        "due_soon": 0,
        "due_soon_amount": Decimal(0),
    }
    return plain | fields


def test_currencies_are_never_added_together() -> None:
    rows = [row(), row(currency="EUR", amount=Decimal(7)), row(amount=Decimal(5))]
    total = standing.by_state(rows)["in_flight"]
    assert total.paths == 3
    assert total.amounts == {"USD": Decimal(105), "EUR": Decimal(7)}


def test_what_has_no_amount_is_counted_apart() -> None:
    total = standing.tally([row(paths=4, without_amount=3, amount=Decimal(0))], lambda _: True)
    assert (total.paths, total.without_amount, total.amounts) == (4, 3, {})


def test_due_soon_counts_its_own_paths_and_money() -> None:
    total = standing.due_soon([row(paths=9, due_soon=2, due_soon_amount=Decimal(30))])
    assert (total.paths, total.amounts, total.without_amount) == (2, {"USD": Decimal(30)}, 0)


def test_groups_hold_open_revenue_events_only() -> None:
    rows = [row(), row(state="complete"), row(state="failed"), row(state="cancelled")]
    groups = standing.grouped(rows, "legal_entity", "currency")
    assert {key: set(states) for key, states in groups.items()} == {
        ("US01", "USD"): {"in_flight", "failed"}
    }


def test_the_next_close_is_the_nearest_ahead() -> None:
    rows = [
        row(cutoff_at=NOW - timedelta(days=30), state="overdue"),
        row(cutoff_at=CLOSE + timedelta(days=30)),
        row(legal_entity="DE01", state="failed"),
        row(),
        row(state="complete", paths=50),
        row(cutoff_at=None),
        # Invoiced, and only the ledger is awaited: these books do not wait for it.
        row(cutoff_at=NOW - timedelta(days=30), state="overdue", awaited=0),
        row(state="overdue", awaited=0),
    ]
    closing = standing.next_closing(rows, NOW)
    assert closing is not None
    assert (closing.at, closing.entities) == (CLOSE, ["DE01", "US01"])
    assert (closing.open.paths, closing.stuck.paths) == (2, 1)
    assert standing.missed_closings(rows, NOW).paths == 1


def test_without_a_close_ahead_there_is_none() -> None:
    assert standing.next_closing([row(cutoff_at=NOW), row(cutoff_at=None)], NOW) is None
    assert standing.next_closing([], NOW) is None
