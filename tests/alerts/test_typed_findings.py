"""Findings as the engine types them: low cardinality, nullable decimals, instants with
microseconds.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.clock import FixedClock
from core.store import Store
from tests.alerts.arrange import Desk, Tape, pipeline

COLUMNS = """
    finding_id String, kind LowCardinality(String), subkind LowCardinality(String),
    class LowCardinality(String), severity LowCardinality(String), object String,
    process LowCardinality(String), stage LowCardinality(String), source LowCardinality(String),
    legal_entity LowCardinality(String), roots UInt64, root_sample Array(String),
    amount Nullable(Decimal(38, 4)), currency LowCardinality(String),
    first_seen DateTime64(6, 'UTC'), last_seen DateTime64(6, 'UTC'),
    clock_start DateTime64(6, 'UTC'), due_at Nullable(DateTime64(6, 'UTC')),
    status String, resolved_by String, evidence Array(String), explanation String,
    rule LowCardinality(String), rule_version LowCardinality(String),
    runbook LowCardinality(String)
"""


class Table:
    """Findings out of a real table, as a reader would select them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.command(f"CREATE TABLE found ({COLUMNS}) ENGINE = MergeTree ORDER BY finding_id")

    def put(self, **values: Any) -> None:
        self._store.insert("found", list(values), [list(values.values())])

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        return self._store.rows("SELECT * FROM found", readonly=True)


def test_findings_of_a_real_table_are_told_and_come_back_from_the_journal_alike(
    any_store: Store, clock: FixedClock
) -> None:
    table = Table(any_store)
    at = datetime(2026, 9, 30, 9, 0, 0, 123456, tzinfo=UTC)
    table.put(
        finding_id="f1",
        kind="failed_event",
        subkind="mapping",
        severity="critical",
        status="open",
        object="invoice/Ä 1",
        amount=Decimal("12345678901234567890.1234"),
        currency="JPY",
        first_seen=at,
        due_at=at,
        root_sample=["time_entry/1"],
        **{"class": "finance_critical"},
    )
    table.put(finding_id="f2", kind="governance", status="open", severity="info", first_seen=at)
    tape = Tape()
    pipe = pipeline(any_store, table, clock, notifiers={"tape": tape})
    pipe.turn()
    [body] = tape.bodies()
    first, second = body["alerts"]
    assert first["amount"] == "12345678901234567890.1234"
    assert first["first_seen"] == first["due_at"] == "2026-09-30T09:00:00.123456Z"
    assert first["object"] == "invoice/Ä 1"
    assert (second["amount"], second["due_at"], second["root_sample"]) == (None, None, [])
    after = Tape()
    pipeline(any_store, table, clock, notifiers={"tape": after}).turn()
    pipeline(any_store, Desk(), clock, notifiers={"tape": after}).turn()
    assert [alert["reason"] for alert in after.bodies()[0]["alerts"]] == ["resolved"] * 2
    assert after.bodies()[0]["alerts"][0]["amount"] == first["amount"]
