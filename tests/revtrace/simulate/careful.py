"""The findings of a contract as a careful person would write them down with its events on the desk.

One function a kind of DESIGN section 6, in plain Python, on the slow model of section 4. Nothing is
taken from the simulator, so that its answer key can be held against it. A finding is a tuple of
kind/subkind, the object that it is about and, where an object may have several, the stage.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.calendar import Calendars
from lineage.process import Process, Stage
from tests.model.facts import Facts, Object, in_bytes, key
from tests.model.paths import ENDINGS, PathModel, Paths, downstream

Found = set[tuple[str, ...]]
ORPHAN_GRACE = timedelta(hours=24)
TOLERANCE = Decimal("0.01")
POSTINGS = ("invoice", "journal_posting")
WORK = ("time_entry", "expense_item")
DELIVERED = (*WORK, "milestone", "progress_update", "retainer_period", "service_period")


@dataclass
class Desk:
    """All that is known of one contract."""

    facts: Facts
    paths: Paths
    processes: dict[str, Process]
    calendars: Calendars
    now: datetime

    def is_reversed(self, thing: Object) -> bool:
        return thing in self.facts.reversed_by_event or thing in self.facts.reversed_by_link

    def is_ended(self, thing: Object) -> bool:
        """Whether the last word on it takes it back."""
        last = [e["action"] for e in self.facts.ok_events(thing)][-1:]
        return bool(last) and last[0] in ENDINGS

    def attribute(self, thing: Object, name: str) -> str:
        said = [e["attributes"].get(name, "") for e in self.facts.ok_events(thing)]
        return next((text for text in reversed(said) if text), "")

    def first(self, thing: Object, stage: Stage) -> datetime | None:
        times = [
            event["occurred_at"]
            for event in self.facts.ok_events(thing)
            if event["action"] in stage.actions
            and (not stage.roles or self.facts.role(event) in stage.roles)
        ]
        return min(times, default=None)

    def things(self, *types: str) -> list[Object]:
        return [t for t in self.facts.names if t[0] in types and self.facts.ok_events(t)]


def findings(desk: Desk) -> Found:
    """Everything that deserves a finding, but for what concerns senders as a whole."""
    found: Found = set()
    for look in (
        *(_time_limits, _conflicts, _postings, _alike, _orphans, _order, _skipped, _approvals),
        *(_terms, _evidence, _values, _cycles, _undeclared),
    ):
        found |= set(look(desk))
    return found


def _time_limits(desk: Desk) -> Iterator[tuple[str, ...]]:
    for path in desk.paths.values():
        for stage in path.stages:
            if stage.state == "overdue":
                yield "sla_breach/overdue", stage.stuck_object or path.root, stage.name
            if stage.state == "late" and stage.required and path.state != "cancelled":
                yield "sla_breach/late", path.root, stage.name
        cutoff = desk.processes[path.process].cutoff
        if cutoff is None or path.cutoff_at is None or path.state == "cancelled":
            continue
        stage = next(one for one in path.stages if one.name == cutoff.stage)
        at_close = stage.completed_at is None or stage.completed_at > path.cutoff_at
        if path.cutoff_at <= desk.now and at_close:
            yield "sla_breach/cutoff", stage.stuck_object or path.root, stage.name


def _conflicts(desk: Desk) -> Iterator[tuple[str, ...]]:
    contents: dict[tuple[str, str], set[Any]] = defaultdict(set)
    objects: dict[tuple[str, str], Object] = {}
    for event in desk.facts.events:
        identity = (event["source"], event["event_id"])
        contents[identity].add(event["content_hash"])
        objects[identity] = desk.facts.object_of(event)
    for identity, told in contents.items():
        if len(told) > 1:
            yield "duplicate/conflict", key(objects[identity])


def _postings(desk: Desk) -> Iterator[tuple[str, ...]]:
    facts = desk.facts
    same: dict[Any, set[Object]] = defaultdict(set)
    for event in facts.events:
        thing = facts.object_of(event)
        if event["outcome"] != "ok" or desk.is_reversed(thing):
            continue
        if event["idempotency_key"]:
            same[(thing[0], event["idempotency_key"])].add(thing)
        if thing[0] in POSTINGS and event["action"] == "posted" and facts.made_from(thing):
            made = (facts.made_from(thing), facts.money(thing))
            same[(thing[0], made)].add(thing)
    for things in same.values():
        if len(things) > 1:
            yield "duplicate/posting", smallest(things)


def _alike(desk: Desk) -> Iterator[tuple[str, ...]]:
    facts = desk.facts
    same: dict[Any, set[Object]] = defaultdict(set)
    for thing in desk.things("project"):
        for event in facts.ok_events(thing):
            same[("project", event["contract"], facts.role(event))].add(thing)
    for thing in desk.things(*WORK):
        if desk.is_ended(thing):
            continue
        resource = facts.context(thing, "resource")
        if thing[0] == "time_entry":
            said = [desk.attribute(thing, "work_date"), desk.attribute(thing, "hours")]
            said.append(facts.context(thing, "project"))
        else:
            amount, currency = facts.money(thing)
            said = [desk.attribute(thing, "expense_date"), str(amount), currency]
        if resource and all(said):
            same[(thing[0], resource, *said)].add(thing)
    for things in same.values():
        if len(things) > 1:
            yield "duplicate/business", smallest(things)


def _orphans(desk: Desk) -> Iterator[tuple[str, ...]]:
    on_paths = {name for path in desk.paths.values() for name in path.objects}
    for process in desk.processes.values():
        for stage in process.stages[1:]:
            for thing in desk.things(stage.object):
                times = [
                    event["occurred_at"]
                    for event in desk.facts.ok_events(thing)
                    if event["action"] in stage.actions and desk.facts.role(event) == "erp"
                ]
                if times and min(times) + ORPHAN_GRACE <= desk.now and key(thing) not in on_paths:
                    yield "missing_source/orphan_posting", key(thing)


def _order(desk: Desk) -> Iterator[tuple[str, ...]]:
    for path in desk.paths.values():
        stages = desk.processes[path.process].stages
        firsts: dict[str, dict[int, datetime]] = {}
        for name, member in path.objects.items():
            thing = _thing(name)
            times = {
                place: at
                for place, stage in enumerate(stages)
                if stage.object == thing[0] and not member.reversed
                if (at := desk.first(thing, stage)) is not None
            }
            firsts[name] = times
            if list(times.values()) != sorted(times.values()):
                yield "conformance/out_of_order", name
        for up, down, relation, _ in path.links:
            for place, at in firsts[down].items() if relation == "from" else ():
                before = [t for other, t in firsts[up].items() if other < place]
                if before and at < max(before):
                    yield "conformance/out_of_order", down


def _skipped(desk: Desk) -> Iterator[tuple[str, ...]]:
    for path in desk.paths.values():
        for stage in path.stages:
            if stage.state == "skipped" and stage.required and path.state != "cancelled":
                yield "conformance/skipped_stage", path.root, stage.name


def _approvals(desk: Desk) -> Iterator[tuple[str, ...]]:
    facts = desk.facts
    for path in desk.paths.values():
        root, approved = _thing(path.root), path.stages[0].reached_at
        if approved is None:
            continue
        calendar = desk.calendars.calendar_for(facts.context(root, "legal_entity"))
        period = facts.context(root, "period")
        if root[0] == "time_entry" and approved > calendar.period(period).billing_cutoff:
            yield "conformance/late_approval", path.root
        known = [
            event["occurred_at"]
            for event in desk.facts.events
            if event["object_type"] == "project"
            and event["object_id"] == facts.context(root, "project")
            and event["outcome"] == "ok"
            and facts.role(event) == "erp"
        ]
        if root[0] in WORK and known and approved < min(known):
            yield "conformance/early_start", path.root
        events = facts.ok_events(root)
        first = desk.processes[path.process].stages[0]
        approver = next(e["actor"] for e in events if e["action"] in first.actions)
        submitters = [
            e["actor"]
            for e in events
            if e["action"] == "submitted" and e["occurred_at"] <= approved
        ]
        if submitters and submitters[-1] == approver:
            yield "conformance/self_approval", path.root


def _terms(desk: Desk) -> Iterator[tuple[str, ...]]:
    facts = desk.facts
    active: dict[str, datetime] = {}
    for event in facts.events:
        if event["object_type"] == "contract" and event["action"] in ("activated", "amended"):
            active.setdefault(event["contract_version"], event["occurred_at"])
    for thing in desk.things("billing_event", "invoice"):
        action = "created" if thing[0] == "billing_event" else "posted"
        for event in facts.ok_events(thing):
            own = active.get(event["contract_version"])
            newest = max((at for at in active.values() if at <= event["occurred_at"]), default=None)
            if event["action"] == action and own and newest and own < newest:
                yield "conformance/stale_terms", key(thing)


def _evidence(desk: Desk) -> Iterator[tuple[str, ...]]:
    for path in desk.paths.values():
        if _thing(path.root)[0] not in DELIVERED:
            continue
        approved = path.stages[0].reached_at
        for name, member in path.objects.items():
            for event in desk.facts.ok_events(_thing(name)) if not member.reversed else ():
                early = approved is None or event["occurred_at"] < approved
                if event["measure"] == "recognized" and early:
                    yield "conformance/no_evidence", name


def _values(desk: Desk) -> Iterator[tuple[str, ...]]:
    facts = desk.facts
    stated = {e["object_type"] for e in facts.events if e["measure"] == "contract_value"}
    for process in desk.processes.values():
        links = {link for path in desk.paths.values() if path.process == process.name
                 for link in _hops(path, process)}  # fmt: skip
        for ups, downs in components(links):
            # The value of a contract is a standing, not a flow: its control compares it.
            if {thing[0] for thing in ups | downs} & stated:
                continue
            if any(facts.money(t)[0] is not None for t in ups) and any(
                facts.money(t)[0] is not None for t in downs
            ):
                into, out = _sums(facts, ups), _sums(facts, downs)
                if any(
                    abs(into.get(each, Decimal(0)) - out.get(each, Decimal(0))) > TOLERANCE
                    for each in {*into, *out}
                ):
                    yield "value_break/", smallest(downs)


def _hops(path: PathModel, process: Process) -> Iterator[tuple[Object, Object]]:
    """Direct links between the types of neighbouring stages, reversed objects left out."""
    types = process.types
    for up, down, relation, _ in path.links:
        one, other = _thing(up), _thing(down)
        if relation != "from" or one[0] not in types or other[0] not in types:
            continue
        standing = not path.objects[up].reversed and not path.objects[down].reversed
        if standing and types.index(other[0]) == types.index(one[0]) + 1:
            yield one, other


def components(links: set[tuple[Object, Object]]) -> Iterator[tuple[set[Object], set[Object]]]:
    """The connected parts of a hop: what goes in and what comes out of each."""
    hops: dict[tuple[str, str], set[tuple[Object, Object]]] = defaultdict(set)
    for up, down in links:
        hops[(up[0], down[0])].add((up, down))
    for pairs in hops.values():
        left = set(pairs)
        while left:
            part = {left.pop()}
            while True:
                ends = {thing for pair in part for thing in pair}
                more = {pair for pair in left if ends & set(pair)}
                if not more:
                    break
                part |= more
                left -= more
            yield {up for up, _ in part}, {down for _, down in part}


def _sums(facts: Facts, things: set[Object]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for thing in things:
        amount, currency = facts.money(thing)
        if amount is not None:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def _cycles(desk: Desk) -> Iterator[tuple[str, ...]]:
    links = {link for link in desk.facts.asserted if link.relation == "from"}
    cyclic = {link.up for link in links if link.up in downstream(link.up, links)}
    while cyclic:
        thing = cyclic.pop()
        ring = {o for o in downstream(thing, links) if thing in downstream(o, links)} | {thing}
        cyclic -= ring
        yield "governance/link_cycle", smallest(ring)


def _undeclared(desk: Desk) -> Iterator[tuple[str, ...]]:
    for name in desk.paths.no_process:
        yield "governance/no_process", name


def smallest(things: set[Object]) -> str:
    return min(map(key, things), key=in_bytes)


def _thing(name: str) -> Object:
    kind, _, identity = name.partition("/")
    return kind, identity
