"""Controls on the sample quarter: every comparison is what the firm's own books say, and every
break has a fault behind it, or work that is still on its way.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lineage.control import load_controls
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.quarter import Traced, trace
from tests.revtrace.simulate.quarter_files import ANY_DAY, NOW, written

CENT = Decimal("0.01")
WARNED = ("warning", "critical")


@pytest.mark.parametrize(
    ("seed", "now", "deliveries"),
    [pytest.param(7, NOW, 1, marks=pytest.mark.soak), (4, ANY_DAY, 5)],
    ids=["months at once", "4-4-5 in pieces"],
)
def test_comparisons_are_those_of_the_answer_key(
    new_store: NewStore, tmp_path: Path, seed: int, now: datetime, deliveries: int
) -> None:
    files = written(tmp_path, seed=seed, scale=0.25, now=now)
    traced = trace(new_store(), files, deliveries, controls=load_controls())
    rows = Reader(traced.store).reconciliation(files.now)
    assert Counter(map(as_told, rows)) == Counter(map(as_told, files.key["controls"]))
    assert {row["control"] for row in rows if row["status"] == "break"} == set(load_controls())
    every_break_has_its_reason(traced, rows)


def every_break_has_its_reason(traced: Traced, rows: list[dict[str, Any]]) -> None:
    """What makes the difference is told in full; what no fault is behind of waits within its limit,
    and nobody is warned of it too early.
    """
    causes = {as_told(row): row["causes"] for row in traced.files.key["controls"]}
    broken = [row for row in rows if row["status"] == "break"]
    assert [row for row in broken if row["unexplained"]] == []
    on_the_way = [row for row in broken if not causes[as_told(row)]]
    states = {part["state"] for row in on_the_way for part in row["explained_by"]}
    assert states <= {"pending"}
    warned = {
        one["object"]
        for one in traced.findings("reconciliation_break")
        if one["severity"] in WARNED
    }
    assert warned
    # What is on its way is for information until the control begins to warn.
    early = [row for row in on_the_way if row["warn_at"] > traced.files.now]
    assert [row for row in early if not row["carried"] and as_object(row) in warned] == []
    told = traced.findings("reconciliation_break")
    open_ones = [one["object"] for one in told if one["status"] == "open"]
    assert sorted(open_ones) == sorted(set(began(rows).values()))
    # What is over came out, and only after the control had begun to warn of it.
    warns = {as_object(row): row["warn_at"] for row in rows if row["status"] == "ok"}
    over = [one for one in told if one["status"] == "resolved"]
    assert all(warns[one["object"]] in (None, one["due_at"]) for one in over)
    assert all(one["due_at"] is None or one["due_at"] < one["resolved_at"] for one in over)


def began(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The finding of each broken row: what runs up is one from the period it began in."""
    found: dict[str, str] = {}
    so_far: dict[tuple[Any, ...], str] = {}
    for row in sorted(rows, key=lambda row: row["period"]):
        grain = (*as_told(row)[:4], row["side"])
        if row["status"] != "break":
            so_far.pop(grain, None)
            continue
        first = so_far.setdefault(grain, as_object(row)) if row["carries"] else as_object(row)
        found[as_object(row)] = first
    return found


def as_told(row: Mapping[str, Any]) -> tuple[Any, ...]:
    grain = (row["control"], row["contract"], row["currency"], row["legal_entity"], row["period"])
    amounts = (Decimal(row[side]).quantize(CENT) for side in ("left", "right"))
    return (*grain, *amounts, row["status"])


def as_object(row: Mapping[str, Any]) -> str:
    names = ("control", "contract", "currency", "period", "legal_entity")
    return "/".join(["control", *(row[name] for name in names)])
