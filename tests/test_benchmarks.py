"""What the benchmarks measure by is right: the score of findings against an answer key, and the
log that revtrace and process miners are asked about.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.detection import Score, compare
from benchmarks.miners import CASES, MEDIAN_SECONDS, PEERS, VARIANTS, blow_up, wrong
from collector.receivers.ocel import PLAIN, OcelCounts, OcelFile

ROOT = Path(__file__).resolve().parents[1]
PEER_SCRIPT = ROOT / "benchmarks" / "peer_miners.py"


def fault(kind: str, subkind: str, *found_on: str, **more: Any) -> dict[str, Any]:
    told = {"amount": "10.00", "currency": "USD", "stage": "", "contract": ""}
    on = {"found_on": list(found_on), "objects": list(found_on), "roots": []}
    return {"kind": kind, "subkind": subkind} | on | told | more


def finding(kind: str, subkind: str, thing: str, **more: Any) -> dict[str, Any]:
    told = {"amount": "10", "currency": "USD", "stage": "", "status": "open"}
    return {"kind": kind, "subkind": subkind, "object": thing} | told | more


def scored(
    faults: list[dict[str, Any]], findings: list[dict[str, Any]], *near_misses: dict[str, Any]
) -> dict[str, Score]:
    names = {f"{one['kind']}/{one['subkind']}" for one in [*faults, *findings]}
    scores = {name: Score() for name in [*names, "reconciliation_break/"]}
    compare(findings, {"faults": faults, "near_misses": list(near_misses)}, scores)
    return scores


def test_right_wrong_and_missed_are_told_apart() -> None:
    faults = [fault("duplicate", "business", "a/1"), fault("duplicate", "business", "a/2")]
    findings = [finding("duplicate", "business", "a/2"), finding("duplicate", "business", "a/3")]
    score = scored(faults, findings)["duplicate/business"]
    assert (score.seeded, score.found, score.right) == (2, 2, 1)
    assert (score.missed, score.wrong) == (["a/1"], ["a/3"])


def test_a_near_miss_that_was_found_is_counted_as_one() -> None:
    miss = {"looks_like": "duplicate/business", "objects": ["a/3", "a/4"]}
    score = scored([], [finding("duplicate", "business", "a/3")], miss)["duplicate/business"]
    assert (score.right, score.near_misses_found) == (0, 1)


def test_what_is_over_of_what_the_key_tells_is_counted_by_itself() -> None:
    miss = {"looks_like": "duplicate/posting", "objects": ["a/3", "a/4"]}
    over = [finding("duplicate", "posting", thing, status="resolved") for thing in ("a/3", "a/9")]
    score = scored([], over, miss)["duplicate/posting"]
    assert (score.settled, score.found, score.wrong) == (1, 1, ["a/9"])


def test_the_stage_counts_where_an_object_may_have_several() -> None:
    faults = [fault("sla_breach", "overdue", "a/1", stage="billed")]
    for stage, right in (("billed", 1), ("posted", 0)):
        findings = [finding("sla_breach", "overdue", "a/1", stage=stage)]
        assert scored(faults, findings)["sla_breach/overdue"].right == right
    faults = [fault("value_break", "", "a/1", stage="invoiced")]
    assert scored(faults, [finding("value_break", "", "a/1")])["value_break/"].right == 1


def test_amounts_are_compared_where_the_key_knows_them_for_each_object() -> None:
    faults = [fault("value_break", "", "a/1"), fault("value_break", "", "a/2", "a/3")]
    findings = [finding("value_break", "", "a/1", amount="9"), finding("value_break", "", "a/2")]
    score = scored(faults, findings)["value_break/"]
    assert (score.right, score.amounts, score.amounts_right) == (2, 1, 0)


def test_a_silence_that_is_over_is_no_finding_of_now() -> None:
    over = finding("silent_source", "", "source/psa", status="resolved")
    assert scored([], [over])["silent_source/"].found == 0


def test_broken_controls_are_compared_by_control_and_contract() -> None:
    faults = [fault("reconciliation_break", "billing_posted", "invoice/1", contract="C-1")]
    found = [finding("reconciliation_break", "", "control/billing_posted/C-1/USD/2026-09/US01")]
    score = scored(faults, found)["reconciliation_break/"]
    assert (score.seeded, score.right) == (1, 1)


def test_broken_controls_are_compared_row_by_row_where_the_key_has_the_rows() -> None:
    row = {"control": "billing_posted", "contract": "C-1", "currency": "USD", "period": "2026-09"}
    rows = [row | {"legal_entity": entity, "status": "break"} for entity in ("US01", "UK01")]
    rows.append(row | {"legal_entity": "DE01", "status": "ok"})
    found = [
        finding(
            "reconciliation_break",
            "billing_posted",
            f"control/billing_posted/C-1/USD/2026-09/{entity}",
        )
        for entity in ("US01", "DE01")
    ]
    scores = {"reconciliation_break/": Score()}
    compare(found, {"faults": [], "near_misses": [], "controls": rows}, scores)
    score = scores["reconciliation_break/"]
    assert (score.seeded, score.found, score.right) == (2, 2, 1)
    # One that comes out now is right to be over.
    found[1]["status"] = "resolved"
    scores = {"reconciliation_break/": Score()}
    compare(found, {"faults": [], "near_misses": [], "controls": rows}, scores)
    score = scores["reconciliation_break/"]
    assert (score.found, score.right, score.settled) == (1, 1, 1)


def test_a_blown_up_log_has_everything_as_often_under_ids_of_its_own(
    shared_data: Path, tmp_path: Path
) -> None:
    counts, ids = {}, {}
    for copies in (1, 3):
        file = tmp_path / f"{copies}.sqlite"
        blow_up(shared_data / "ocel20_example.sqlite", file, copies)
        log = OcelFile(file, PLAIN)
        counts[copies] = log.counts()
        ids[copies] = [json.loads(line)["event_id"] for line in log.lines()]
        log.close()
    assert counts == {1: OcelCounts(13, 9, 20, 7), 3: OcelCounts(39, 27, 60, 21)}
    assert len(set(ids[3])) == 60
    assert set(ids[1]) < set(ids[3])


def test_an_answer_that_differs_from_the_readme_is_told() -> None:
    right = {"cases": CASES, "variants": list(VARIANTS), "median_seconds": MEDIAN_SECONDS}
    assert wrong(right, 1) == ""
    assert wrong(right, 20).startswith("cases 2000, not 40000, variants [1614, 307,")
    told = wrong(right | {"median_seconds": 620_750.0}, 1)
    assert told == "median_seconds 620750.0, not 620750.5"


def test_process_miners_are_no_dependency() -> None:
    """PM4Py is under the AGPL: only the script of the peers knows it, and it says what is not
    installed.
    """
    known = re.compile(rf"^(?:\s*(?:import|from) )?({'|'.join(PEERS)})\b", re.MULTILINE)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = [name for name in tracked.stdout.splitlines() if name.endswith((".py", ".txt"))]
    assert {"constraints.txt", "constraints-dev.txt", "core/event.py"} <= set(names)
    found = {name for name in names if known.search((ROOT / name).read_text("utf-8"))}
    assert found - {PEER_SCRIPT.relative_to(ROOT).as_posix()} == set()
    for peer in PEERS:
        command = [sys.executable, str(PEER_SCRIPT), peer, "log.sqlite"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["missing"] == peer
