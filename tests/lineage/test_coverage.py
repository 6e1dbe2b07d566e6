"""Coverage: the sample quarter's answer key, and a small estate judged by hand."""

from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import Store
from lineage.process import Process, Stage, load_processes
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.arrange import bench
from tests.lineage.quarter import trace
from tests.model.log import HOUR, SOURCES, Log, at
from tests.revtrace.simulate.quarter_files import written

CALENDARS = load_calendars()
CLOCK = FixedClock(at(1000))
TIME = Process(
    "time",
    "time_entry",
    None,
    (
        Stage("approved", "time_entry", ("approved",), ("psa",)),
        Stage("billed", "billing_event", ("created",), within=8 * HOUR),
        Stage("invoiced", "invoice", ("posted",), ("erp",), within=8 * HOUR),
        Stage("reported", "invoice", ("reported",), ("analytics",), required=False),
    ),
)
FEE = Process(
    "fee",
    "milestone",
    None,
    (
        Stage("approved", "milestone", ("approved",)),
        Stage("invoiced", "invoice", ("posted",), ("erp",), within=8 * HOUR),
    ),
)
USD = {"currency": "USD"}


def _estate() -> Log:
    """Seven time entries: two through by different grades, one with a gap, two lost before they
    are billed, one lost after, one still in time; a milestone that nothing links on; an invoice of
    nobody; a time entry that was only drafted, so that it is no revenue event.
    """
    log = Log()
    for number, hour in ((1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 95)):
        more = {"correlation_id": "c2"} if number == 2 else {}
        log.add(
            f"time_entry/T{number}", "approved", hour, amount=Decimal(10**number), **USD, **more
        )
    log.add("billing_event/B1", "created", 1, "from time_entry/T1")
    log.add("invoice/I1", "posted", 2, "from billing_event/B1", amount=Decimal(10), **USD)
    log.add("billing_event/B2", "created", 1, correlation_id="c2")
    log.add("invoice/I2", "posted", 2, "from billing_event/B2", amount=Decimal(100), **USD)
    log.add("invoice/I3", "posted", 2, "from time_entry/T3", amount=Decimal(1000), **USD)
    log.add("billing_event/B6", "created", 1, "from time_entry/T6")
    log.add("milestone/M1", "approved", 0, amount=Decimal(7), currency="EUR")
    log.add("invoice/I9", "posted", 2, amount=Decimal(5), currency="EUR")
    log.add("time_entry/T8", "created", 0, amount=Decimal(1), **USD)
    return log


@pytest.fixture(scope="module")
def told(worn: Store) -> dict[str, Any]:
    """What the small estate is told, once for all tests."""
    made = bench(worn, CLOCK, {"time": TIME, "fee": FEE}, CALENDARS, SOURCES | {"crm-1": "crm"})
    worn.insert("sources", ["name", "role", "declared", "version"], [["crm-1", "crm", 1, 2]])
    made.admit(_estate().events)
    turn = made.wheel.turn()
    return Reader(worn).coverage(at(100)) | {"told anew": turn.roots}


def test_revenue_events_are_what_has_a_path_and_a_turn_counts_no_others(
    told: dict[str, Any],
) -> None:
    assert told["known"] == [
        {"process": "fee", "roots": 1, "posts": True},
        {"process": "time", "roots": 7, "posts": True},
    ]
    assert told["told anew"] == 8


def test_posted_revenue_is_complete_has_gaps_or_is_on_no_path(told: dict[str, Any]) -> None:
    (time,) = told["posted"]
    assert (time["process"], time["currency"], time["postings"]) == ("time", "USD", 3)
    assert (time["amount"], time["complete"]["amount"]) == (1110, 110)
    assert (time["share"], time["gaps"]["postings"]) == (110 / 1110, 1)
    assert {each["grade"]: each["amount"] for each in time["by_grade"]} == {
        "asserted": 10,
        "correlated": 100,
    }
    euros, dollars = told["totals"]
    assert (euros["currency"], euros["untraced"], euros["share"]) == (
        "EUR",
        {"postings": 1, "amount": 5},
        0.0,
    )
    assert dollars["share"] == time["share"]


def test_the_chain_breaks_first_where_most_is_lost(told: dict[str, Any]) -> None:
    hops = {(hop["process"], hop["to"]): hop for hop in told["hops"]}
    billed, invoiced = hops["time", "billing_event"], hops["time", "invoice"]
    # T3 went on without being billed, T4 and T5 are overdue, T7 is not due yet.
    assert (billed["roots"], billed["linked"], billed["lost"], billed["waiting"]) == (7, 3, 3, 1)
    assert billed["amounts"] == [{"currency": "USD", "amount": 1000 + 10_000 + 100_000}]
    assert (invoiced["roots"], invoiced["lost"], invoiced["loose"]) == (4, 1, 1)
    first = told["breaks"]["by_share"]
    assert (first["process"], first["to"], first["share"]) == ("fee", "invoice", 1.0)
    largest = {each["currency"]: each for each in told["breaks"]["by_amount"]}
    assert (largest["USD"]["to"], largest["USD"]["amount"]) == ("invoice", 1_000_000)
    assert (largest["EUR"]["process"], largest["EUR"]["amount"]) == ("fee", 7)


def test_what_never_reports_is_named(told: dict[str, Any]) -> None:
    spots = told["blind_spots"]
    found = {
        (spot["kind"], spot.get("process", ""), spot.get("stage") or spot.get("source"))
        for spot in spots
    }
    assert found == {
        ("stage_never_told", "time", "reported"),
        ("stage_never_linked", "fee", "invoiced"),
        ("hop_never_linked", "fee", "invoiced"),
        ("source_never_sent", "", "crm-1"),
    }


def test_ids_are_counted_by_source_and_stage(told: dict[str, Any]) -> None:
    ids = [row for row in told["ids"] if row["object_type"] != "milestone"]
    rows = {(row["source"], row["stage"]): row for row in ids}
    billed = rows["psa-1", "billed"]
    assert (billed["enters"], billed["events"], billed["correlated"]) == (True, 3, 1)
    assert (billed["linked"], billed["neither"], billed["linked_share"]) == (2, 0, 2 / 3)
    invoiced = rows["erp-1", "invoiced"]
    assert (invoiced["events"], invoiced["linked"], invoiced["neither"]) == (4, 3, 1)
    approved = rows["psa-1", "approved"]
    assert (approved["enters"], approved["neither_share"]) == (False, 6 / 7)


def test_the_sample_quarter_is_covered_as_its_answer_key_says(
    new_store: NewStore, tmp_path: Path
) -> None:
    traced = trace(new_store(), written(tmp_path, seed=6, scale=0.1))
    processes = load_processes(traced.files.folder / "config" / "processes")
    posted: Counter[tuple[str, str]] = Counter()
    gaps: Counter[tuple[str, str]] = Counter()
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for path in traced.files.paths:
        stages = processes[path["process"]].stages
        posting = [
            stage.name
            for stage in stages
            if "posted" in stage.actions and (not stage.roles or "erp" in stage.roles)
        ]
        if not posting or posting[-1] not in path["stages_reached"]:
            continue
        key = (path["process"], path["currency"] or "")
        posted[key] += 1
        amounts[key] += Decimal(path["amount"] or 0)
        needed = {stage.name for stage in stages if stage.required}
        gaps[key] += path["cancelled"] or not needed <= path["stages_reached"].keys()
    told = Reader(traced.store).coverage(traced.files.now)
    assert {
        (row["process"], row["currency"]): (
            row["postings"],
            row["amount"],
            row["gaps"]["postings"],
            row["complete"]["postings"],
        )
        for row in told["posted"]
    } == {key: (posted[key], amounts[key], gaps[key], posted[key] - gaps[key]) for key in posted}
    orphans = {
        name
        for fault in traced.seeded("missing_source", "orphan_posting")
        for name in fault["objects"]
        if name.startswith("journal_posting/")
    }
    assert sum(row["untraced"]["postings"] for row in told["totals"]) == len(orphans)
