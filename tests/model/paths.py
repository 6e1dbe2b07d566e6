"""Paths of revenue events as they should be: every rule of DESIGN section 4, one function each.

What memos take off is in `credits`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from core.calendar import Calendar, Calendars
from core.errors import BadInput
from lineage.match import Match
from lineage.process import Process, Stage
from tests.model.credits import shared_out
from tests.model.facts import ENDINGS, GRADES, PAIRS_MAX, Event, Facts, Link, Object, in_bytes, key
from tests.model.matching import inferred

CONTEXT = (
    "customer",
    "contract",
    "contract_version",
    "project",
    "resource",
    "service_line",
    "region",
    "engagement",
    "period",
    "actor",
    "legal_entity",
)


@dataclass
class Member:
    """An object on a path and the strongest way to it; among those the shortest."""

    grade: str
    via: str
    depth: int
    reversed: bool = False
    # Only what reverses another leads to it: it counts for no stage.
    correction: bool = False


@dataclass
class StageModel:
    """One stage of one path. `objects` are all unreversed ones of its type, done or not."""

    name: str
    object_type: str
    required: bool
    state: str = "pending"
    reached_at: datetime | None = None
    completed_at: datetime | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    objects: list[str] = field(default_factory=list)
    stuck_object: str | None = None


@dataclass
class PathModel:
    """One revenue event. `links` are (upstream, object, relation, grade) between its objects."""

    root: str
    process: str
    state: str
    amount: Decimal | None
    currency: str
    context: dict[str, str]
    names: list[str]
    objects: dict[str, Member]
    links: set[tuple[str, str, str, str]]
    stages: list[StageModel]
    cutoff_at: datetime | None
    # The versions of its contract in force at its first ok event, and when it was invoiced.
    terms: tuple[str, str]
    credits: list[tuple[str, str, Decimal]] = field(default_factory=list)

    @property
    def credited(self) -> Decimal | None:
        """What it bears of memos; nobody knows where there is no money."""
        if self.amount is None:
            return None
        return sum((part for _, _, part in self.credits), Decimal(0))


class Paths(dict[str, PathModel]):
    """Paths by root key; beside them the roots, seen in events, that no process takes."""

    def __init__(self) -> None:
        super().__init__()
        self.no_process: set[str] = set()


def evaluate(
    events: Iterable[Event],
    sources: Mapping[str, str],
    processes: Mapping[str, Process],
    calendars: Calendars,
    now: datetime,
    matches: Mapping[str, Match] = MappingProxyType({}),
    **limits: int,
) -> Paths:
    """The paths of all revenue events, as of `now`; `limits` are those of correlation ids."""
    facts = Facts(events, sources)
    correlated = {
        name: facts.correlated(
            process,
            limits.get("correlation_objects_max", 1000),
            limits.get("correlation_pairs_max", PAIRS_MAX),
        )
        for name, process in processes.items()
    }
    guesses = inferred(facts, matches.values(), facts.asserted.union(*correlated.values()))
    paths = Paths()
    judges = []
    for root in facts.names:
        ranked = [process for process in processes.values() if process.root == root[0]]
        if not ranked:
            continue
        process = _process_of(facts.context(root, "engagement"), ranked)
        if process is None:
            if facts.events_of[root]:
                paths.no_process.add(key(root))
            continue
        links = facts.asserted | correlated[process.name] | guesses
        calendar = calendars.calendar_for(facts.context(root, "legal_entity"))
        path = _Judge(facts, process, root, links, calendar, now)
        if path.is_revenue_event():
            paths[key(root)] = path.judge()
            judges.append(path)
    for root, parts in shared_out(facts, judges).items():
        paths[key(root)].credits = parts
    return paths


def _process_of(engagement: str, ranked: list[Process]) -> Process | None:
    for wanted in (engagement, None):
        for process in ranked:
            if process.engagement == wanted:
                return process
    return None


class _Judge:
    """One root in its process."""

    def __init__(
        self,
        facts: Facts,
        process: Process,
        root: Object,
        links: set[Link],
        calendar: Calendar,
        now: datetime,
    ) -> None:
        self.facts = facts
        self.process = process
        self.root = root
        self.calendar = calendar
        self.now = now
        self.members = members(root, links)
        self.links = {link for link in links if link.up in self.members}
        self.made = {link for link in self.links if link.relation != "reverses"}
        for thing in self.members:
            self.members[thing].reversed = self.is_reversed(thing)
            self.members[thing].correction = thing not in downstream(root, self.made) | {root}
        self.firsts = [self.firsts_of(stage) for stage in process.stages]
        self.complete = [self.is_complete(place) for place in range(len(process.stages))]

    def is_reversed(self, thing: Object) -> bool:
        if thing in self.facts.reversed_by_link:
            return True
        if thing[0] == self.process.root:
            # A new approval takes back what an event of its own said of a revenue event.
            return thing in self.facts.reversed_by_event and self.is_ended(thing)
        return thing in self.facts.reversed_by_event

    def is_ended(self, thing: Object) -> bool:
        """Whether the last word on an object of the root type is one of the endings."""
        words = (*self.process.stages[0].actions, *ENDINGS)
        said = [e["action"] for e in self.facts.ok_events(thing) if e["action"] in words]
        return bool(said) and said[-1] in ENDINGS

    def is_cancelled(self) -> bool:
        return self.is_ended(self.root) or self.root in self.facts.reversed_by_link

    def is_revenue_event(self) -> bool:
        first = self.process.stages[0]
        entered = any(self.matches(event, first) for event in self.facts.events_of[self.root])
        return entered or any(self.firsts[1:])

    def matches(self, event: Event, stage: Stage) -> bool:
        if event["action"] not in stage.actions:
            return False
        return not stage.roles or self.facts.role(event) in stage.roles

    def objects_of(self, stage: Stage) -> list[Object]:
        """The unreversed objects of the stage's type on the path, corrections apart."""
        return sorted(
            (
                thing
                for thing, member in self.members.items()
                if thing[0] == stage.object and not member.reversed and not member.correction
            ),
            key=lambda thing: in_bytes(key(thing)),
        )

    def firsts_of(self, stage: Stage) -> dict[Object, datetime]:
        """Those of its objects that are done, and since when."""
        times = {thing: self.first_at(thing, stage) for thing in self.objects_of(stage)}
        return {thing: at for thing, at in times.items() if at is not None}

    def first_at(self, thing: Object, stage: Stage) -> datetime | None:
        done = [e["occurred_at"] for e in self.facts.ok_events(thing) if self.matches(e, stage)]
        return min(done, default=None)

    def waited_for(self, place: int) -> list[Object]:
        """The objects that must each get through the stage: those of the stage before it."""
        for stage in reversed(self.process.stages[:place]):
            if stage.required and self.objects_of(stage):
                return self.objects_of(stage)
        return []

    def uncovered(self, place: int) -> list[Object]:
        done, waited = set(self.firsts[place]), self.waited_for(place)
        return [one for one in waited if not ({one} | downstream(one, self.made)) & done]

    def is_complete(self, place: int) -> bool:
        return bool(self.firsts[place]) and (place == 0 or not self.uncovered(place))

    def is_failed(self, place: int) -> bool:
        if self.complete[place]:
            return False
        return any(t in self.facts.failing for t in self.objects_of(self.process.stages[place]))

    def is_skipped(self, place: int) -> bool:
        """Not reached, while a later required stage is complete."""
        if self.firsts[place] or self.is_failed(place):
            return False
        later = range(place + 1, len(self.process.stages))
        return any(self.complete[p] and self.process.stages[p].required for p in later)

    def completed_at(self, place: int) -> datetime | None:
        return max(self.firsts[place].values()) if self.complete[place] else None

    def clock_start(self, place: int) -> datetime | None:
        if place == 0 or not self.process.stages[place].required:
            return None
        for earlier in reversed(range(place)):
            stage = self.process.stages[earlier]
            if not stage.required:
                continue
            if self.complete[earlier]:
                return self.completed_at(earlier)
            # What a reversed revenue event did counts no more; the next clock ran from it.
            own = self.members[self.root].reversed and stage.object == self.root[0]
            if own and (done := self.first_at(self.root, stage)):
                return done
            if not self.is_skipped(earlier):
                return None
        return None

    def due(self, place: int) -> datetime | None:
        stage, start = self.process.stages[place], self.clock_start(place)
        if start is None:
            return None
        limit = stage.within
        if stage.within_at_close is not None and self.calendar.in_close_window(start):
            limit = stage.within_at_close
        if limit is None:
            return None
        if stage.clock == "business":
            return self.calendar.add_open(start, limit)
        return start + limit

    def state(self, place: int) -> str:
        completed, due = self.completed_at(place), self.due(place)
        if completed is not None:
            return "late" if due is not None and completed > due else "done"
        if self.is_failed(place):
            return "failed"
        if self.is_skipped(place):
            return "skipped"
        if due is not None and due < self.now and not self.is_cancelled():
            return "overdue"
        return "pending"

    def stuck_object(self, place: int) -> str | None:
        if self.complete[place] or not self.process.stages[place].required:
            return None
        uncovered = self.uncovered(place)
        return key(uncovered[0]) if uncovered else key(self.root)

    def stage(self, place: int) -> StageModel:
        stage = self.process.stages[place]
        return StageModel(
            name=stage.name,
            object_type=stage.object,
            required=stage.required,
            state=self.state(place),
            reached_at=min(self.firsts[place].values(), default=None),
            completed_at=self.completed_at(place),
            started_at=self.clock_start(place),
            due_at=self.due(place),
            objects=[key(thing) for thing in self.objects_of(stage)],
            stuck_object=self.stuck_object(place),
        )

    def path_state(self, stages: list[StageModel]) -> str:
        if self.is_cancelled():
            return "cancelled"
        if [stage.state for stage in stages if stage.required][-1] in ("done", "late"):
            return "complete"
        for worst in ("failed", "overdue"):
            if any(stage.state == worst for stage in stages):
                return worst
        return "in_flight"

    def cutoff_at(self) -> datetime | None:
        if self.process.cutoff is None:
            return None
        name = self.facts.context(self.root, "period")
        ok_events = self.facts.ok_events(self.root)
        try:
            if name:
                return self.calendar.period(name).books_close
        except BadInput:
            # A period that the calendar does not have has no close; guessing another would mislead.
            return None
        return (
            self.calendar.period_of(ok_events[0]["occurred_at"]).books_close if ok_events else None
        )

    def terms(self, stages: list[StageModel]) -> tuple[str, str]:
        contract = self.facts.context(self.root, "contract")
        oks = self.facts.ok_events(self.root)
        invoiced = [stage.reached_at for stage in stages if stage.object_type == "invoice"]
        return (
            self.facts.version_of(contract, oks[0]["occurred_at"] if oks else None),
            self.facts.version_of(contract, invoiced[0] if invoiced else None),
        )

    def judge(self) -> PathModel:
        stages = [self.stage(place) for place in range(len(self.process.stages))]
        amount, currency = self.facts.money(self.root)
        return PathModel(
            root=key(self.root),
            process=self.process.name,
            state=self.path_state(stages),
            amount=amount,
            currency=currency,
            context={name: self.facts.context(self.root, name) for name in CONTEXT},
            names=sorted((key(name) for name in self.facts.names[self.root]), key=in_bytes),
            objects={key(thing): member for thing, member in self.members.items()},
            links={
                (key(link.up), key(link.down), link.relation, link.grade) for link in self.links
            },
            stages=stages,
            cutoff_at=self.cutoff_at(),
            terms=self.terms(stages),
        )


def downstream(start: Object, links: set[Link]) -> set[Object]:
    """Everything that can be reached from an object, itself only over a cycle."""
    found: set[Object] = set()
    edge = {start}
    while edge:
        edge = {link.down for link in links if link.up in edge} - found
        found |= edge
    return found


def members(root: Object, links: set[Link]) -> dict[Object, Member]:
    """The root and everything downstream, each by its strongest way, the shortest of them.

    Walking once with the strongest links alone, then with one grade more each time, meets every
    object first at the best grade that any way to it can have.
    """
    found = {root: Member("asserted", "", 0)}
    for place, grade in enumerate(GRADES):
        usable = {link for link in links if link.grade in GRADES[: place + 1]}
        seen, edge, depth = {root}, {root}, 0
        while edge:
            depth += 1
            reached = {link.down for link in usable if link.up in edge} - seen
            for thing in reached - set(found):
                vias = [key(k.up) for k in usable if k.up in edge and k.down == thing]
                found[thing] = Member(grade, min(vias, key=in_bytes), depth)
            seen |= reached
            edge = reached
    return found
