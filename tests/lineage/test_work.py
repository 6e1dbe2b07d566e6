"""The wheel's work tables: whoever filled them, a turn begins with empty ones, no statement empties
what is empty, and no detector finds in them what another one added.
"""

from typing import Any

import pytest

from core.clock import FixedClock
from core.store import Store
from lineage.detector import DETECTOR_SQL, STEMS, load_detectors
from lineage.fence import Fence
from lineage.work import WorkStore
from tests.lineage.story import NOW

FILL = "INSERT INTO work_seeds (object_hash) SELECT 1"
EMPTY = "TRUNCATE TABLE work_seeds"


def test_a_turn_begins_with_empty_tables_and_empties_what_it_has_filled(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fence = Fence(any_store, FixedClock(NOW))
    fence.enter()
    work = WorkStore(fence.fenced(), fence.empty_work)
    sent: list[str] = []
    real = any_store.command

    def command(sql: str, *given: Any, **named: Any) -> None:
        sent.append(sql.split()[0])
        real(sql, *given, **named)

    monkeypatch.setattr(any_store, "command", command)

    def held() -> int:
        return int(work.value("SELECT count() FROM work_seeds"))

    # Before a turn nothing is known, and nothing is left out.
    work.command(FILL)
    work.command(EMPTY)
    work.command(EMPTY)
    assert (sent, held()) == (["INSERT", "TRUNCATE", "TRUNCATE"], 0)
    work.command(FILL)
    work.begin()
    assert held() == 0
    sent.clear()
    work.command(EMPTY)
    work.command(FILL)
    assert (sent, held()) == (["INSERT"], 1)
    work.command(EMPTY)
    work.command(EMPTY)
    assert (sent, held()) == (["INSERT", "TRUNCATE"], 0)
    # One that failed may have written all the same.
    monkeypatch.setattr(any_store, "command", _refused)
    with pytest.raises(ConnectionError):
        work.command(FILL)
    monkeypatch.setattr(any_store, "command", command)
    work.command(EMPTY)
    assert sent == ["INSERT", "TRUNCATE", "TRUNCATE"]
    # Another wheel's tables are its own.
    if not any_store.embedded:
        other = f"work_e{fence.epoch}7_seeds"
        any_store.command(f"CREATE TABLE {other} AS work_seeds")
        any_store.command(f"INSERT INTO {other} (object_hash) VALUES (1)")
        work.begin()
        assert any_store.value(f"SELECT count() FROM {other}") == 1


def _refused(*_: Any, **__: Any) -> None:
    raise ConnectionError


def test_who_adds_to_its_subjects_shares_them_with_nobody() -> None:
    adds = [each for each in STEMS if "INTO work_subjects" in DETECTOR_SQL.raw(each)]
    names = {each.name for each in load_detectors()}
    owners = {name for name in names for each in adds if each.startswith(f"{name}_")}
    assert owners >= {"link_cycle", "value_break"}
    assert [name for name in sorted(owners) if f"{name}_subjects" not in STEMS] == []
