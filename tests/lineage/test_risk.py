"""Revenue at risk and aging, held against the same sums in plain Python over a busy quarter.

The Python side knows calendars and the stages of paths; it knows nothing of the views.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.calendar import Calendar, Calendars, load_calendars
from core.store import SqlFolder, Store
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.risk import Closing
from tests.lineage.quarter import Traced, trace
from tests.revtrace.simulate.quarter_files import NOW, written_busy

SQL = SqlFolder(__file__)
PERIOD = "2026-09"
DAY = timedelta(hours=8)
LONG = timedelta(days=90)
UNITS_MIN = 8
Row = dict[str, Any]


@pytest.fixture(scope="module")
def busy(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """A busy quarter, five days before its books close; never changed."""
    store = Store.open(engine_dsn, database="busy_quarter")
    store.migrate()
    folder = tmp_path_factory.mktemp("busy")
    files = written_busy(folder, seed=2, scale=0.15, ahead=timedelta(days=5))
    yield trace(store, files)
    store.drop()
    store.close()


@dataclass
class Known:
    """What the Python side is told: the roots, the calendars, the stage of each cutoff."""

    roots: list[Row]
    calendars: Calendars
    cutoffs: dict[str, str]

    def stand(self, row: Row, at: datetime, day_ago: datetime) -> tuple[str, str] | None:
        """The step that a root waited for at an instant, and how late; None when through."""
        last = row["stages"].index(self.cutoffs[row["process"]])
        if row["states"][last] == "skipped" or _done(row["completed"][last], at):
            return None
        for place in range(last + 1):
            skipped = not row["required"][place] or row["states"][place] == "skipped"
            if skipped or _done(row["completed"][place], at):
                continue
            due = row["dues"][place]
            late = "on_time" if due is None or due >= at else "late" if due >= day_ago else "stuck"
            return row["stages"][place], late
        return None

    def missed(self, row: Row) -> bool:
        last = row["stages"].index(self.cutoffs[row["process"]])
        return not _done(row["completed"][last], row["cutoff_at"])


def _done(completed: datetime | None, at: datetime) -> bool:
    return completed is not None and completed <= at


def known_of(busy: Traced) -> Known:
    config = busy.files.folder / "config"
    processes = load_processes(config / "processes")
    return Known(
        busy.store.rows(SQL["risk_roots"]),
        load_calendars(config / "calendars"),
        {name: one.cutoff.stage for name, one in processes.items() if one.cutoff is not None},
    )


def same_instant(calendar: Calendar, now: datetime, close: datetime, past: datetime) -> datetime:
    """The instant with as much open time before a past close as there is now before the next."""
    start = past - LONG
    left = calendar.open_between(now, close)
    return calendar.add_open(start, calendar.open_between(start, past) - left)


def fates(known: Known, now: datetime) -> dict[tuple[str, ...], tuple[int, float]]:
    """Units that stood at each step before earlier closes, and how many of them missed."""
    close = {
        row["legal_entity"]: row["cutoff_at"] for row in known.roots if row["period"] == PERIOD
    }
    begun: dict[str, datetime] = {}
    for row in known.roots:
        first = begun.get(row["legal_entity"], row["started_at"])
        begun[row["legal_entity"]] = min(first, row["started_at"])
    units: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for row in known.roots:
        entity, past = row["legal_entity"], row["cutoff_at"]
        if past > now:
            continue
        calendar = known.calendars.calendar_for(entity)
        at = same_instant(calendar, now, close[entity], past)
        start = past - LONG
        day_ago = calendar.add_open(start, calendar.open_between(start, at) - DAY)
        stood = known.stand(row, at, day_ago) if begun[entity] <= at >= row["started_at"] else None
        if stood is not None:
            key = (entity, row["process"], *stood, row["period"], str(row["unit"]))
            units[key].append(known.missed(row))
    told: dict[tuple[str, ...], tuple[int, float]] = {}
    for (entity, process, stage, standing, *_), missed in units.items():
        for kin in ((entity, process, stage), ("", process, stage), ("", "", stage), ("", "", "")):
            count, so_far = told.get((*kin, standing), (0, 0.0))
            told[(*kin, standing)] = count + 1, so_far + sum(missed) / len(missed)
    return told


def share(told: dict[tuple[str, ...], tuple[int, float]], hop: Row) -> float | None:
    """The share that misses, by the closest kind with enough units."""
    entity, process, stage = hop["legal_entity"], hop["process"], hop["stage"]
    kin = [(entity, process, stage), ("", process, stage), ("", "", stage), ("", "", "")]
    found = [told.get((*one, hop["standing"]), (0, 0.0)) for one in kin]
    enough = [one for one in found[:3] if one[0] >= UNITS_MIN]
    wide = found[2] if hop["standing"] == "on_time" else found[3]
    count, missed = enough[0] if enough else wide
    return missed / count if count else None


def test_the_share_that_misses_is_that_of_the_same_backlog_before_earlier_closes(
    busy: Traced,
) -> None:
    known, now = known_of(busy), busy.files.now
    told = fates(known, now)
    hops = [row for row in Reader(busy.store).risk(now, period=PERIOD)["hops"] if row["process"]]
    judged = [hop for hop in hops if hop["past_units"]]
    assert {hop["standing"] for hop in judged} == {"on_time", "late", "stuck"}
    for hop in judged:
        expected = share(told, hop)
        assert expected is not None
        assert hop["miss_share"] == pytest.approx(expected, abs=1e-4), hop
        exact = (hop["backlog_amount"] * Decimal(int(expected * 10**6)) / 10**6).quantize(
            Decimal("0.01")
        )
        assert abs(hop["at_risk"] - exact) <= Decimal("0.02")
        assert Decimal(0) <= hop["at_risk_low"] <= hop["at_risk"] <= hop["at_risk_high"]
        assert hop["at_risk_high"] <= hop["backlog_amount"]


def test_every_open_revenue_event_is_in_one_hop_and_currencies_are_kept_apart(
    busy: Traced,
) -> None:
    known, now = known_of(busy), busy.files.now
    counts: dict[tuple[str, str], int] = defaultdict(int)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in known.roots:
        if row["period"] == PERIOD and (stood := known.stand(row, now, now)) is not None:
            counts[stood[0], row["currency"]] += 1
            sums[stood[0], row["currency"]] += row["amount"] or 0
    told = Reader(busy.store).risk(now, period=PERIOD)
    assert {(row["stage"], row["currency"]): row["backlog"] for row in told["steps"]} == counts
    assert {(row["stage"], row["currency"]): row["backlog_amount"] for row in told["steps"]} == sums
    for closing in told["closings"]:
        mine = [hop for hop in told["hops"] if hop["currency"] == closing["currency"]]
        assert closing["at_risk"] + closing["coming_at_risk"] == sum(hop["at_risk"] for hop in mine)
        belongs = [
            row
            for row in known.roots
            if row["period"] == PERIOD and row["currency"] == closing["currency"]
        ]
        assert closing["roots"] == len(belongs)
        assert closing["amount"] == sum(row["amount"] or 0 for row in belongs)


def test_before_the_first_close_the_range_is_everything_and_what_does_not_move_is_unknown(
    busy: Traced,
) -> None:
    first = busy.files.now.replace(month=7, day=10)
    told = Reader(busy.store).risk(first, period="2026-07")
    hops = [row for row in told["hops"] if row["process"]]
    assert {row["basis"] for row in hops} <= {"present_rate", "unknown"}
    for row in hops:
        assert (row["at_risk"] is None) == (row["basis"] == "unknown")
        assert (row["at_risk_low"], row["at_risk_high"]) == (0, row["backlog_amount"])
    for closing in told["closings"]:
        assert closing["assumed_amount"] == closing["open_amount"]
        assert closing["at_risk_high"] == closing["open_amount"]


def test_nothing_is_at_risk_and_nothing_ages_in_an_empty_warehouse(any_store: Store) -> None:
    reader = Reader(any_store)
    assert reader.risk(NOW) == {"closings": [], "steps": [], "hops": [], "missed": []}
    assert reader.aging(NOW) == []


def test_widths_of_one_past_add_up_and_those_of_several_do_not() -> None:
    def hop(judged_with: str, basis: str = "same_step") -> Row:
        amounts = {"at_risk": 10, "at_risk_low": 7, "at_risk_high": 14, "backlog_amount": 20}
        told: Row = {name: Decimal(value) for name, value in amounts.items()}
        told |= {"judged_with": judged_with, "basis": basis, "standing": "late", "stage": "billed"}
        return told | {"legal_entity": "", "backlog": 1, "past_closes": 2, "coming_amount": None}

    def ranged(*hops: Row) -> tuple[Decimal, Decimal]:
        closing = Closing("2026-09", "USD", datetime.fromisoformat("2026-10-07T15:00:00Z"))
        for each in hops:
            closing.hop(each)
        (step,) = closing.steps()
        return step["at_risk_low"], step["at_risk_high"]

    assert ranged(hop("a"), hop("a")) == (14, 28)
    assert ranged(hop("a"), hop("b")) == (Decimal("15.76"), Decimal("25.66"))
    assert ranged(hop("a", "present_rate"), hop("b", "present_rate")) == (14, 28)


def test_age_counts_elapsed_and_working_days_from_the_business_event(busy: Traced) -> None:
    reader, now = Reader(busy.store), busy.files.now
    calendars = load_calendars(busy.files.folder / "config" / "calendars")
    expected: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for one in reader.findings(now):
        start, end = one["clock_start"], min(one["resolved_at"] or now, now)
        worked = calendars.calendar_for(one["legal_entity"]).open_between(start, end)
        ages = max(end - start, timedelta(0)) / timedelta(days=1), worked / DAY
        buckets = (1 + sum(age >= edge for edge in (1, 3, 7, 30)) for age in ages)
        key = (one["kind"], one["stage"], one["legal_entity"], one["currency"], one["status"])
        cell = expected[*key, *buckets]
        cell[0] += 1
        cell[1] += one["amount"] or 0
    told: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for row in reader.aging(now):
        key = (row["kind"], row["stage"], row["legal_entity"], row["currency"], row["status"])
        cell = told[*key, row["bucket"], row["business_bucket"]]
        cell[0] += row["findings"]
        cell[1] += row["amount"]
    assert told == expected
    assert {row["status"] for row in reader.aging(now, status="open")} == {"open"}
