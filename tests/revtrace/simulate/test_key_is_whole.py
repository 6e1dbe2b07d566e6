"""The answer key names everything that deserves a finding, and nothing else: as a careful reader of
the same events finds, who knows nothing of the simulator.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.calendar import load_calendars
from lineage.process import load_processes
from tests.model.facts import Facts
from tests.model.paths import evaluate
from tests.revtrace.simulate.careful import Desk, Found, findings
from tests.revtrace.simulate.quarter_files import ANY_DAY, NOW, QuarterFiles, written
from tests.revtrace.simulate.test_answer_key import rows_by_contract

# What concerns a sender as a whole, what the catalogue of failures tells, and what controls tell.
ELSEWHERE = ("failed_event", "silent_source", "reconciliation_break")
OF_SENDERS = ("unknown_source", "correlation_reused", "unmapped_field", "schema_drift")
STAGED = ("sla_breach", "skipped_stage")


@pytest.mark.parametrize(
    ("seed", "now"),
    [pytest.param(21, NOW, marks=pytest.mark.soak), (22, ANY_DAY)],
    ids=["months", "4-4-5"],
)
def test_the_key_says_what_a_careful_reader_finds(tmp_path: Path, seed: int, now: datetime) -> None:
    quarter = written(tmp_path, seed=seed, scale=0.25, now=now)
    found, said = read_by_hand(quarter), told(quarter)
    assert sorted(found - said) == []
    assert sorted(said - found) == []
    kinds = {one[0] for one in said}
    assert {"value_break/", "conformance/no_evidence", "duplicate/business"} <= kinds


def read_by_hand(quarter: QuarterFiles) -> Found:
    folder = quarter.folder / "config"
    calendars, processes = (
        load_calendars(folder / "calendars"),
        load_processes(folder / "processes"),
    )
    roles = {source["name"]: source["role"] for source in quarter.summary.sources}
    found: Found = set()
    for rows in rows_by_contract(quarter):
        paths = evaluate(rows, roles, processes, calendars, quarter.now)
        found |= findings(Desk(Facts(rows, roles), paths, processes, calendars, quarter.now))
    return found


def told(quarter: QuarterFiles) -> Found:
    return {
        finding
        for fault in quarter.key["faults"]
        if fault["kind"] not in ELSEWHERE and fault["subkind"] not in OF_SENDERS
        for finding in _findings(fault)
    }


def _findings(fault: dict[str, Any]) -> Found:
    name = f"{fault['kind']}/{fault['subkind']}"
    stage = (fault["stage"],) if fault["kind"] in STAGED or fault["subkind"] in STAGED else ()
    return {(name, key, *stage) for key in fault["found_on"]}
