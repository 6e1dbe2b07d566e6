"""How long hops take: the engine and a slow, plain way of telling it agree on any world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar, load_calendars
from core.clock import FixedClock
from core.store import Store
from lineage.latency import GROUPINGS, MEASURES, Asked
from lineage.process import Stage
from lineage.reader import Reader
from tests.lineage.arrange import bench
from tests.model.facts import Event, Facts, Object
from tests.model.log import SOURCES, TIME, B, Log, T, at
from tests.model.paths import PathModel, StageModel, evaluate
from tests.model.worlds import World, worlds

CALENDARS = load_calendars()
CLOCK = FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))
ATTEMPTS = ("ok", "failed", "retrying")
LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}


@dataclass
class Hop:
    """A finished stage, as the definitions in docs/data-model.md have it."""

    path: PathModel
    place: int
    stage: StageModel
    attempted_at: datetime
    source: str
    calendar: Calendar
    period: str

    @property
    def is_early(self) -> bool:
        start, done = self.stage.started_at, self.stage.completed_at
        return bool(start and done and done < start)

    def seconds(self, measure: str) -> float:
        start, done = self.stage.started_at, self.stage.completed_at
        assert start is not None
        assert done is not None
        worked = min(max(start, self.attempted_at), max(start, done))
        spans = {"wait": (start, worked), "work": (worked, done), "elapsed": (start, done)}
        name = measure.removeprefix("business_").replace("business", "elapsed")
        begin, end = spans[name]
        if measure.startswith("business"):
            return self.calendar.open_between(begin, end).total_seconds()
        return max(0.0, (end - begin).total_seconds())

    def group(self, by: str) -> str:
        done = self.stage.completed_at
        assert done is not None
        match by:
            case "week":
                return str(done.date() - timedelta(days=done.weekday()))
            case "source":
                return self.source
            case "close_day":
                return self.close_day(done)
            case "stage":
                return ""
        return self.path.context[by]

    def close_day(self, done: datetime) -> str:
        """Business days from that of the books close to that of the completion."""
        period = self.calendar.find_period(self.period) if self.period else None
        if period is None:
            return ""
        there, here = self.business_day(period.books_close), self.business_day(done)
        first, last = sorted((there, here))
        days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
        between = sum(map(self.calendar.is_business_day, days))
        return str(between if here >= there else -between)

    def business_day(self, instant: datetime) -> date:
        day = instant.astimezone(self.calendar.zone).date()
        while not self.calendar.is_business_day(day):
            day -= timedelta(days=1)
        return day


def hops(world: World) -> Iterator[Hop]:
    facts = Facts(world.events, world.sources)
    model = evaluate(world.events, world.sources, world.processes, CALENDARS, world.now)
    for path in model.values():
        calendar = CALENDARS.calendar_for(path.context["legal_entity"])
        declared = world.processes[path.process].stages
        root: Object = (path.root.split("/")[0], path.root.partition("/")[2])
        oks = facts.ok_events(root)
        fiscal = calendar.period_of(oks[0]["occurred_at"]).name if oks else ""
        period = path.context["period"] or fiscal
        for place, (stage, told) in enumerate(zip(path.stages, declared, strict=True)):
            done, start = stage.completed_at, stage.started_at
            if done is None or start is None or done > world.now:
                continue
            things = [facts.class_of(*_split(name)) for name in stage.objects]
            tried = [
                event["occurred_at"]
                for thing in things
                for event in facts.events_of[thing]
                if _is_attempt(facts, event, told)
            ]
            firsts = [first for thing in things if (first := _first(facts, thing, told))]
            yield Hop(path, place, stage, min(tried), max(firsts)[1], calendar, period)


def _split(name: str) -> Object:
    type_, _, id_ = name.partition("/")
    return type_, id_


def _is_attempt(facts: Facts, event: Event, stage: Stage) -> bool:
    if event["action"] not in stage.actions or event["outcome"] not in ATTEMPTS:
        return False
    return event["outcome"] != "ok" or not stage.roles or facts.role(event) in stage.roles


def _first(facts: Facts, thing: Object, stage: Stage) -> tuple[datetime, str] | None:
    """Its first ok event of the stage: when, and of which source."""
    fitting = [
        (event["occurred_at"], event["source"])
        for event in facts.ok_events(thing)
        if _is_attempt(facts, event, stage)
    ]
    return min(fitting, default=None)


def _quantile(values: Sequence[float], level: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * level
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _figures(found: Sequence[Hop]) -> dict[str, Any]:
    seconds = {name: [hop.seconds(name) for hop in found] for name in MEASURES}
    return {
        "hops": len(found),
        "late": sum(hop.stage.state == "late" for hop in found),
        "early": sum(hop.is_early for hop in found),
        "worked": sum(part > 0 for part in seconds["work"]),
        **{
            name: {level: pytest.approx(_quantile(parts, at)) for level, at in LEVELS.items()}
            for name, parts in seconds.items()
        },
    }


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("hops", "late", "early", "worked", *MEASURES)}


def test_any_hop_is_timed_as_its_events_and_calendar_say(store: Store) -> None:
    seen = []

    @settings(max_examples=max(4, settings.default.max_examples // 6))
    @given(world=worlds(), by=st.sampled_from(sorted(GROUPINGS)))
    def holds(world: World, by: str) -> None:
        made = bench(store, CLOCK, world.processes, CALENDARS, world.sources)
        made.admit(world.events)
        made.wheel.run_until_idle()
        wanted: dict[tuple[str, str, str], list[Hop]] = {}
        for hop in hops(world):
            wanted.setdefault((hop.group(by), hop.path.process, hop.stage.name), []).append(hop)
            seen.append(hop)
        rows = Reader(store).latency(world.now, Asked(by))
        told = {(row["group"], row["process"], row["stage"]): _told(row) for row in rows}
        assert told == {key: _figures(group) for key, group in wanted.items()}

    holds()
    assert seen


def test_wait_ends_and_work_begins_with_the_first_attempt(store: Store) -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 2, f"from {T}", outcome="retrying")
    log.add(B, "created", 3, outcome="failed").add(B, "created", 26, f"from {T}")
    made = bench(store, CLOCK, {"time": TIME}, CALENDARS, SOURCES)
    made.admit(log.events)
    made.wheel.run_until_idle()
    (row,) = Reader(store).latency(at(100), Asked("close_day", "time", at(0), at(27)))
    # Monday 09:00 to Tuesday 11:00, in a calendar of 8 hours a day; books close on 7 September.
    assert (row["group"], row["stage"], row["hops"], row["late"]) == ("-19", "billed", 1, 1)
    hours = {name: row[name]["p50"] / 3600 for name in MEASURES}
    assert hours == {
        "elapsed": 26,
        "wait": 2,
        "work": 24,
        "business": 10,
        "business_wait": 2,
        "business_work": 8,
    }
    assert row["wait_share"] == pytest.approx(2 / 26)
    assert Reader(store).latency(at(100), Asked("stage", "time", at(0), at(26))) == []
    assert Reader(store).latency(at(25), Asked()) == [], "what is done later is not done yet"
