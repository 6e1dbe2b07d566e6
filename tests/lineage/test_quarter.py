"""Lineage against the truth of the sample quarter: every path, every finding of known kinds.

The events go through the real collector; the truth was written by the simulator beside them, which
knows nothing of how lineage works.
"""

import re
import sys
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alerts.finding import KINDS
from benchmarks.detection import Score, compare
from core.store import SqlFolder, Store
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.arrange import everything
from tests.lineage.quarter import Traced, trace
from tests.revtrace.simulate.quarter_files import ANY_DAY, NOW, written

SQL = SqlFolder(__file__)
SCALE = 0.25
FAILED_ACTIONS = {"billed": "created", "mapped": "mapped", "invoiced": "posted", "sent": "sent"}
Facts = set[tuple[Any, ...]]


@pytest.mark.parametrize(
    ("seed", "now"),
    [pytest.param(7, NOW, marks=pytest.mark.soak), (4, ANY_DAY)],
    ids=["months", "4-4-5"],
)
def test_paths_and_findings_are_those_of_the_answer_key(
    new_store: NewStore, tmp_path: Path, seed: int, now: datetime
) -> None:
    traced = trace(new_store(), written(tmp_path, seed=seed, scale=SCALE, now=now))
    agrees_with_the_key(traced)


def test_the_same_on_a_genuine_server(server_store: Store, tmp_path: Path) -> None:
    traced = trace(server_store, written(tmp_path, seed=3, scale=SCALE), 2)
    agrees_with_the_key(traced)
    reader, now = Reader(server_store), traced.files.now
    # The longest path, from its far end.
    truth = max(traced.files.paths, key=lambda path: len(path["objects"]))
    told = reader.trace(truth["objects"][-1], now)
    assert truth["root"] in told["roots"]
    assert {each["key"] for each in reader.trace(truth["root"], now)["objects"]} == set(
        truth["objects"]
    )
    assert truth["root"] in {path["root"] for path in reader.find(truth["root"], now)["paths"]}
    before = everything(server_store)
    traced.wheel.rebuild()
    assert everything(server_store) == before


@pytest.mark.soak
def test_many_deliveries_and_a_rebuild_tell_the_same_as_one(
    new_store: NewStore, tmp_path: Path
) -> None:
    files = written(tmp_path, seed=6, scale=0.1)
    once, often = trace(new_store(), files), trace(new_store(), files, deliveries=4)
    told = without_deliveries(everything(once.store))
    assert without_deliveries(everything(often.store)) == told
    often.wheel.rebuild()
    assert without_deliveries(everything(often.store)) == told


def without_deliveries(told: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Refused records are named by their place in a delivery, and deliveries are not the same."""
    refused = re.compile(r"[0-9a-f]{32}:\d+")
    for finding in told["findings"]:
        finding["evidence"] = [refused.sub("refused", one) for one in finding["evidence"]]
    return told


def agrees_with_the_key(traced: Traced) -> None:
    """Every path is as it really went; what is found is what was seeded, and nothing else."""
    assert paths(traced) == {
        truth["root"]: {
            "process": truth["process"],
            "objects": set(truth["objects"]),
            "reached": {
                name: datetime.fromisoformat(at) for name, at in truth["stages_reached"].items()
            },
            "amount": Decimal(truth["amount"]),
            "currency": truth["currency"],
            "cancelled": truth["cancelled"],
        }
        for truth in traced.files.paths
    }
    postings = seeded_postings(traced)
    # What was taken back again leaves a finding that is over; the key names what was wrong.
    told = {one for one in found_postings(traced) if one in postings or one[1] != "resolved"}
    for kind, found, seeded in (
        ("sla_breach/overdue", found_overdue(traced), seeded_overdue(traced)),
        ("sla_breach/late", found_late(traced), seeded_late(traced)),
        ("failed_event", found_failures(traced), seeded_failures(traced)),
        ("duplicate/posting", told, postings),
    ):
        precision, recall = share(found & seeded, found), share(found & seeded, seeded)
        sys.stdout.write(f"{kind}: {len(seeded)} seeded, {precision=:.3f} {recall=:.3f}\n")
        assert precision == 1.0, (kind, found - seeded)
        assert recall == 1.0, (kind, seeded - found)
    every_kind_agrees(traced)


def every_kind_agrees(traced: Traced) -> None:
    """Each kind but the breaks of controls, which are not declared here, as the key has it."""
    scores = {
        f"{kind}/{subkind}": Score()
        for kind, subkinds in KINDS.items()
        for subkind in subkinds or {""}
    }
    compare(Reader(traced.store).findings(traced.files.now), traced.files.key, scores)
    del scores["reconciliation_break/"]
    wrong = {name: (score.wrong, score.missed) for name, score in scores.items()}
    assert {name: what for name, what in wrong.items() if what != ([], [])} == {}
    assert [name for name, one in scores.items() if one.amounts_right < one.amounts] == []
    assert sum(score.found > 0 for score in scores.values()) > 20


def share(part: Facts, whole: Facts) -> float:
    """One when nothing was to be found and nothing was."""
    return len(part) / len(whole) if whole else 1.0


def paths(traced: Traced) -> dict[str, dict[str, Any]]:
    rows = traced.store.rows(SQL["quarter_paths"], {"now": traced.files.now})
    return {
        row["root"]: {
            "process": row["process"],
            "objects": set(row["object_keys"]),
            "reached": {
                stage: at for stage, at in zip(row["stages"], row["reached"], strict=True) if at
            },
            "amount": row["amount"],
            "currency": row["currency"],
            "cancelled": row["state"] == "cancelled",
        }
        for row in rows
    }


def money(one: dict[str, Any]) -> tuple[Decimal | None, str]:
    """Amount and currency of a finding or of a fault."""
    return (None if one["amount"] is None else Decimal(one["amount"])), one["currency"]


def found_overdue(traced: Traced) -> Facts:
    return {
        (one["object"], one["stage"], one["process"], one["status"], one["roots"], *money(one))
        for one in traced.findings("sla_breach", "overdue")
    }


def seeded_overdue(traced: Traced) -> Facts:
    return {
        (key, one["stage"], one["process"], one["status"], len(one["roots"]), *money(one))
        for one in traced.seeded("sla_breach", "overdue")
        for key in one["objects"]
    }


def found_late(traced: Traced) -> Facts:
    # Nothing is stuck any more, so what was late is the revenue event.
    return {
        (one["object"], one["stage"], one["process"], one["status"])
        for one in traced.findings("sla_breach", "late")
    }


def seeded_late(traced: Traced) -> Facts:
    return {
        (root, one["stage"], one["process"], one["status"])
        for one in traced.seeded("sla_breach", "late")
        for root in one["roots"]
    }


def found_failures(traced: Traced) -> Facts:
    return {
        (one["object"], one["subkind"], one["stage"], one["status"], one["roots"], *money(one))
        for one in traced.findings("failed_event")
    }


def seeded_failures(traced: Traced) -> Facts:
    return {
        (
            one["objects"][0],
            one["subkind"],
            FAILED_ACTIONS[one["stage"]],
            one["status"],
            len(one["roots"]),
            *money(one),
        )
        for one in traced.seeded("failed_event")
    }


def found_postings(traced: Traced) -> Facts:
    return {
        (one["object"], one["status"], *money(one), one["code"])
        for one in traced.findings("duplicate", "posting")
    }


def seeded_postings(traced: Traced) -> Facts:
    """With the error where a call got no answer, and somebody or something sent it again."""
    lost = dict.fromkeys(("double_post_timeout", "double_post_unacknowledged"), "HTTP:TIMEOUT")
    return {
        (smallest(one["objects"]), one["status"], *money(one), lost.get(one["fault"], ""))
        for one in traced.seeded("duplicate", "posting")
    }


def smallest(keys: Iterable[str]) -> str:
    return min(keys, key=str.encode)
