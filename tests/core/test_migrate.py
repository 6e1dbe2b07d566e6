"""Migrations: what runs when, and what a warehouse that does not fit is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigInvalid, SchemaTooNew, StoreRefused
from core.store import Migrator, Store

pytestmark = pytest.mark.opens_store("the ledger is tested in databases without a schema")

NOW = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
ONE = (
    "CREATE TABLE IF NOT EXISTS one (number UInt8) ENGINE = {{engine:MergeTree()}} ORDER BY number"
)
TWO = (
    "CREATE TABLE IF NOT EXISTS two (number UInt8) ENGINE = {{engine:MergeTree}} ORDER BY number"
    "\n;\nCREATE TABLE IF NOT EXISTS three (number UInt8) ENGINE = Memory"
)

Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Writes schema files; a name without a folder is a migration."""

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            folder = tmp_path / ("views" if name.startswith("v_") else "migrations")
            folder.mkdir(exist_ok=True)
            (folder / f"{name.removeprefix('m')}.sql").write_text(text)
        return tmp_path

    return write


def _names(store: Store, folder: Path, now: datetime = NOW) -> list[str]:
    return [change.name for change in Migrator(store, folder).apply(now)]


def _pending(store: Store, folder: Path) -> list[str]:
    return [change.name for change in Migrator(store, folder).pending()]


def _tables(store: Store) -> set[str]:
    rows = store.rows(
        "SELECT name FROM system.tables WHERE database = {database:String}",
        {"database": store.database},
    )
    return {row["name"] for row in rows}


def test_what_is_pending_runs_once_in_order(bare_store: Store, files: Files) -> None:
    folder = files(m0001_core=ONE, m0002_core=TWO, v_all="CREATE OR REPLACE VIEW v_all AS SELECT 1")
    assert _names(bare_store, folder) == ["0001_core", "0002_core", "v_all"]
    assert _tables(bare_store) == {"schema_ledger", "one", "two", "three", "v_all"}
    assert _names(bare_store, folder) == []
    assert Migrator(bare_store, folder).version() == 2


def test_what_is_pending_can_be_asked_without_changing_anything(
    bare_store: Store, files: Files
) -> None:
    folder = files(m0001_core=ONE, m0002_core=TWO)
    (first, second) = Migrator(bare_store, folder).pending()
    assert len(second.statements) == 2
    assert "ENGINE = MergeTree()" in first.statements[0]
    assert _tables(bare_store) == set()
    assert Migrator(bare_store, folder).version() == 0


def test_a_new_migration_runs_alone(bare_store: Store, files: Files) -> None:
    _names(bare_store, files(m0001_core=ONE))
    assert _names(bare_store, files(m0002_core=TWO)) == ["0002_core"]


def test_a_changed_migration_is_refused(bare_store: Store, files: Files) -> None:
    _names(bare_store, files(m0001_core=ONE))
    with pytest.raises(ConfigInvalid, match="0001_core was changed after it was applied"):
        _names(bare_store, files(m0001_core=ONE.replace("UInt8", "UInt16")))


def test_a_warehouse_of_a_newer_program_is_refused(bare_store: Store, files: Files) -> None:
    folder = files(m0001_core=ONE, m0002_core=TWO)
    _names(bare_store, folder)
    (folder / "migrations" / "0002_core.sql").unlink()
    with pytest.raises(SchemaTooNew, match="0002_core"):
        _names(bare_store, folder)


def test_an_interrupted_migration_is_finished_by_the_next_start(
    bare_store: Store, files: Files
) -> None:
    broken = TWO.replace("ENGINE = Memory", "ENGINE = NoSuchEngine")
    with pytest.raises(StoreRefused):
        _names(bare_store, files(m0001_core=ONE, m0002_core=broken))
    assert "two" in _tables(bare_store)
    assert Migrator(bare_store, files()).version() == 1
    assert _names(bare_store, files(m0002_core=TWO)) == ["0002_core"]
    assert _pending(bare_store, files()) == []


def test_what_another_process_drops_meanwhile_is_made_again(
    bare_store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bare_store.command
    dropped: list[str] = []

    def beside(sql: str, params: dict[str, Any] | None = None) -> None:
        if "three AS two" in sql and not dropped:
            run("DROP TABLE two SYNC")
            dropped.append("two")
        run(sql, params)

    monkeypatch.setattr(bare_store, "command", beside)
    two, _ = TWO.split(";")
    copied = f"{two};\nCREATE TABLE IF NOT EXISTS three AS two ENGINE = Memory"
    assert _names(bare_store, files(m0001_core=ONE, m0002_core=copied)) == [
        "0001_core",
        "0002_core",
    ]
    assert dropped == ["two"]
    assert {"two", "three"} <= _tables(bare_store)
    assert _pending(bare_store, files()) == []


def test_a_view_is_laid_again_when_its_text_changes(bare_store: Store, files: Files) -> None:
    folder = files(v_one="CREATE OR REPLACE VIEW v_one AS SELECT 1 AS number")
    (folder / "migrations").mkdir()
    _names(bare_store, folder)
    files(v_one="CREATE OR REPLACE VIEW v_one AS SELECT 2 AS number")
    assert _pending(bare_store, folder) == ["v_one"]
    assert _names(bare_store, folder) == ["v_one"]
    assert bare_store.value("SELECT number FROM v_one") == 2
    assert _pending(bare_store, folder) == []


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=-3000)])
def test_a_clock_that_stands_still_or_jumps_back_confuses_no_ledger(
    bare_store: Store, files: Files, later: timedelta
) -> None:
    folder = files(v_one="CREATE OR REPLACE VIEW v_one AS SELECT 1 AS number")
    (folder / "migrations").mkdir()
    for number in range(5):
        files(v_one=f"CREATE OR REPLACE VIEW v_one AS SELECT {number} AS number")
        assert _names(bare_store, folder, NOW + later * number) == ["v_one"]
        assert _pending(bare_store, folder) == []


def test_a_view_is_laid_behind_those_it_reads(bare_store: Store, files: Files) -> None:
    folder = files(
        v_a="-- after: v_b, v_c\nCREATE OR REPLACE VIEW v_a AS SELECT * FROM v_b",
        v_b="-- after: v_c\nCREATE OR REPLACE VIEW v_b AS SELECT * FROM v_c",
        v_c="CREATE OR REPLACE VIEW v_c AS SELECT 3 AS number",
    )
    (folder / "migrations").mkdir()
    assert _names(bare_store, folder) == ["v_c", "v_b", "v_a"]
    assert bare_store.value("SELECT number FROM v_a") == 3


def test_a_view_behind_an_unknown_one_is_named(bare_store: Store, files: Files) -> None:
    folder = files(v_a="-- after: v_gone\nCREATE OR REPLACE VIEW v_a AS SELECT 1")
    with pytest.raises(ConfigInvalid, match="v_a.*v_gone"):
        _pending(bare_store, folder)


@pytest.mark.parametrize("names", [["m0001_core", "m0003_core"], ["m0002_core"], ["m0001core"]])
def test_a_gap_in_the_numbers_is_refused(bare_store: Store, files: Files, names: list[str]) -> None:
    with pytest.raises(ConfigInvalid, match="expected"):
        _pending(bare_store, files(**dict.fromkeys(names, ONE)))


def test_a_cluster_makes_the_same_files_replicated(any_dsn: str, bare_store: Store) -> None:
    """The engine of the tests has no Keeper, so the statements are read, not run."""
    clustered = Store(any_dsn, bare_store.database, bare_store.engine, "two shards")
    statements = [
        statement
        for change in Migrator(clustered).pending()
        for statement in change.statements
        if "ENGINE" in statement and "Memory" not in statement
    ]
    place = "('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
    assert len(statements) > 20
    for statement in statements:
        assert "{{" not in statement
        assert "ON CLUSTER `two shards`" in statement, statement[:200]
        assert f"MergeTree{place}" in statement
        assert "ENGINE = Replicated" in statement
    events = next(text for text in statements if "EXISTS objects " in text)
    assert f"ReplicatedReplacingMergeTree{place}, version)" in events
    clustered.close()
