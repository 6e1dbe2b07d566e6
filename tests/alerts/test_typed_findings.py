"""Findings as the engine types them: low cardinality, nullable decimals, instants with
microseconds.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.clock import FixedClock
from core.store import Store
from tests.alerts.arrange import NOON, Desk, Tape, pipeline, rule

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


class AtView:
    """Findings out of lineage's own view, whatever reader selects from it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, finding_id: str, version: int, **values: Any) -> None:
        facts = {
            "detector": "sla_breach",
            "finding_id": finding_id,
            "root": "time_entry/TE-1",
            "version": version,
            "kind": "sla_breach",
            "subkind": "overdue",
            "class": "finance_critical",
            "severity": "warning",
            "object": "billing_event/BE-1",
            "amount": Decimal("100.0000"),
            "currency": "EUR",
            "first_seen": values.get("due_at"),
            **values,
        }
        self._store.insert("finding_rows", list(facts), [list(facts.values())])

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        sql = "SELECT * FROM findings_at(now = {now:DateTime64(6, 'UTC')})"
        return self._store.rows(sql, {"now": now}, readonly=True)


def test_overdue_is_told_when_its_time_comes_and_resolved_when_lineage_takes_it_back(
    any_store: Store, clock: FixedClock
) -> None:
    view, tape = AtView(any_store), Tape()
    view.put("f1", 1, due_at=clock.now() + timedelta(minutes=1))
    rules = [rule(hold=timedelta(minutes=15))]
    pipe = pipeline(any_store, view, clock, rules, {"tape": tape})
    for _ in range(20):
        pipe.turn()
        clock.move(timedelta(minutes=1))
    assert tape.reasons() == ["new"]
    assert tape.arrived[0].evaluated_at == NOON + timedelta(minutes=16)
    view.put("f1", 2, due_at=clock.now(), deleted=1)
    pipe.turn()
    pipe.turn()
    assert tape.reasons() == ["new", "resolved"]


def test_a_resolved_finding_says_what_resolved_it(any_store: Store, clock: FixedClock) -> None:
    view, tape = AtView(any_store), Tape()
    view.put("f1", 1, first_seen=NOON - timedelta(hours=1), severity="critical")
    pipe = pipeline(any_store, view, clock, notifiers={"tape": tape})
    pipe.turn()
    view.put(
        "f1", 2, first_seen=NOON, severity="critical", resolved_at=NOON, resolved_by="event e9"
    )
    pipe.turn()
    [_, body] = tape.bodies()
    told = body["alerts"][0]
    assert (told["reason"], told["resolved_by"], told["severity"]) == (
        "resolved",
        "event e9",
        "critical",
    )
