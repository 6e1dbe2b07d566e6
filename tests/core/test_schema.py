"""The schema that the migrations make: every choice is made on purpose and says its reason."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store import Migrator, Store
from core.store.sqlfile import split_statements

FOLDER = Path(__file__).resolve().parents[2] / "core" / "store"
NOW = datetime(2026, 9, 30, tzinfo=UTC)


def _tables() -> Iterator[tuple[str, str, str]]:
    """Yield the name and text of each table, and the comment on top of its file."""
    for path in sorted((FOLDER / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        header = re.match(r"(?:--.*\n)*", text)
        for statement in split_statements(text):
            found = re.search(r"^CREATE TABLE IF NOT EXISTS (\w+)", statement, re.MULTILINE)
            if found:
                yield found[1], statement, header[0] if header else ""


# A copy (`AS table`) has the choices of what it is a copy of.
KEPT = [
    table
    for table in _tables()
    if "ENGINE = Memory" not in table[1] and not re.search(r"\}\} AS \w+$", table[1])
]


@pytest.mark.parametrize(("name", "text", "header"), KEPT, ids=[table[0] for table in KEPT])
def test_engine_order_partition_and_codecs_are_chosen_with_a_reason(
    name: str, text: str, header: str
) -> None:
    assert f"CREATE TABLE IF NOT EXISTS {name} {{{{on_cluster}}}} (" in text
    assert re.search(r"ENGINE = \{\{engine:\w*MergeTree", text)
    assert "ORDER BY" in text
    comments = "\n".join(re.findall(r"--.*", header + text)).lower()
    for choice in ("engine", "order", "partition", "codec"):
        assert choice in comments, choice


def test_every_statement_can_be_run_again(any_store: Store) -> None:
    """No transaction protects DDL, so a migration that was cut off is run from its start."""
    for change in [*Migrator(any_store)._migrations(), *Migrator(any_store)._views()]:
        for statement in change.statements:
            any_store.command(statement)


def test_every_kept_table_is_ordered_and_none_is_left_to_chance(any_store: Store) -> None:
    rows = any_store.rows(
        "SELECT name, engine, sorting_key FROM system.tables WHERE database = {database:String}"
        " AND NOT endsWith(engine, 'View')",
        {"database": any_store.database},
    )
    assert len(rows) > 30
    unordered = [
        row["name"]
        for row in rows
        if row["engine"].endswith("MergeTree") and not row["sorting_key"]
    ]
    assert unordered == []
    kept = {"MergeTree", "ReplacingMergeTree", "AggregatingMergeTree"}
    assert {row["engine"] for row in rows} <= kept | {"Memory"}


def test_instants_are_utc_microseconds_and_money_is_decimal(any_store: Store) -> None:
    rows = any_store.rows(
        "SELECT table, name, type FROM system.columns WHERE database = {database:String}",
        {"database": any_store.database},
    )
    instants = {
        kind for row in rows for kind in re.findall(r"DateTime\w*(?:\([^)]*\))?", row["type"])
    }
    assert instants == {"DateTime64(6, 'UTC')"}
    money = {
        re.sub(r"Nullable\((.*)\)", r"\1", row["type"])
        for row in rows
        if row["name"] in ("amount", "credited", "net")
    }
    assert money == {"Decimal(18, 4)", "Decimal(38, 4)"}
    floats = {row["name"] for row in rows if "Float" in row["type"]}
    # Durations and shares may be floats; what OTLP senders call a double is judged as text before
    # it is kept.
    measured = re.compile(r"(\w+_)?(seconds|hours|share)(_left|_low|_high)?")
    assert {name for name in floats - {"deliveries"} if not measured.fullmatch(name)} == set()


def test_every_view_answers_on_an_empty_warehouse(any_store: Store) -> None:
    for path in sorted((FOLDER / "views").glob("*.sql")):
        asked = f"SELECT * FROM {path.stem}"
        if path.stem.endswith("_at"):
            of = ", period = ''" if "{period:String}" in path.read_text() else ""
            asked += "(now = {now:DateTime64(6, 'UTC')}" + of + ")"
        assert any_store.rows(asked, {"now": NOW}, readonly=True) == [], path.stem


def test_migrating_again_does_nothing(any_store: Store) -> None:
    assert any_store.migrate() == []
    assert Migrator(any_store).pending() == []
    assert Migrator(any_store).version() == len(list((FOLDER / "migrations").glob("*.sql")))
