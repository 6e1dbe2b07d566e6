"""Random small worlds for Hypothesis: processes, sources, events in which everything can go wrong.

A world is a few stories (a root and what was made of it, mostly in good order) and then noise over
the same objects: failures, reversals, aliases, cycles, shared ids. Pools are tiny on purpose, so
that ids, instants, keys and correlation ids meet often. Events are dicts shaped like rows of the
table `events`. Several worlds can lie side by side in one warehouse, with no id in common.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lineage.match import Match
from lineage.process import Cutoff, Process, Stage, process_version
from tests.model.apart import apart
from tests.model.rules import rules

TYPES = ("work", "bill", "invoice", "posting")
ALL_TYPES = (*TYPES, "memo", "plan")
IDS = ("1", "2", "é/3")
ACTIONS = ("approved", "created", "posted")
ALL_ACTIONS = (*ACTIONS, "seen", "rejected", "reversed", "cancelled")
ENGAGEMENTS = ("fixed_fee", "retainer")
SOURCES = {"psa-1": "psa", "erp-1": "erp", "erp-2": "erp", "mule": "middleware"}
ALL_SOURCES = (*SOURCES, "stranger")
ROLES = ("psa", "erp", "unknown")
ENTITIES = ("", "US01", "DE01", "ZZ99")
PERIODS = ("2026-09", "2026-10", "no period")
CORRELATIONS = ("", "c1", "c2", "c3")
RELATIONS = ("from", "from", "from", "reverses", "amends", "part_of", "same_as", "same_as")
LIMITS = (None, timedelta(hours=1), timedelta(hours=8), timedelta(days=2))

# Thursday before a quarter ends: the close window, a weekend and the new quarter are all in reach.
START = datetime(2026, 9, 24, 15, tzinfo=UTC)
HOURS_MAX = 14 * 24


@dataclass(frozen=True)
class World:
    """What `paths.evaluate` takes, but for the calendars: those are the shipped ones."""

    processes: dict[str, Process]
    sources: dict[str, str]
    events: list[dict[str, Any]]
    now: datetime
    matches: dict[str, Match] = field(default_factory=dict)


# Mostly whole hours out of two weeks, so that instants tie; sometimes a microsecond beside them.
INSTANTS = st.builds(
    lambda hours, ticks: START + timedelta(hours=hours, microseconds=ticks),
    st.one_of(st.integers(0, 12), st.integers(0, HOURS_MAX)),
    st.sampled_from([0, 0, 0, 1, -1]),
)
AMOUNTS = st.sampled_from(
    [None, Decimal("100"), Decimal("40.0001"), Decimal("59.9999"), Decimal("0"), Decimal("-5")]
)
LINK_AMOUNTS = st.sampled_from([None, None, Decimal("100"), Decimal("33.3333")])
# Less than most objects have, so that some of it is left.
PARTS = st.sampled_from([None, Decimal("10"), Decimal("20"), Decimal("0.05"), Decimal("9.9999")])
OBJECTS = st.tuples(st.sampled_from(ALL_TYPES), st.sampled_from(IDS))


@st.composite
def stages(draw: st.DrawFn, root: str) -> tuple[Stage, ...]:
    """Stages of a root: types mostly in one order, some twice, sometimes one that comes back."""
    later = [type_ for type_ in TYPES if type_ != root]
    types = [root]
    types += [type_ for type_ in later for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
    if draw(st.integers(0, 9)) == 0:
        types.append(draw(st.sampled_from(TYPES)))
    found = []
    for place, type_ in enumerate(types):
        required = place == 0 or draw(st.sampled_from([True, True, True, False]))
        limited = required and place > 0
        found.append(
            Stage(
                name=f"s{place + 1}",
                object=type_,
                actions=tuple(
                    draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True))
                ),
                roles=tuple(
                    draw(st.sampled_from([(), (), ("psa",), ("erp",), ("psa", "unknown")]))
                ),
                required=required,
                within=draw(st.sampled_from(LIMITS)) if limited else None,
                within_at_close=draw(st.sampled_from(LIMITS)) if limited else None,
                clock=draw(st.sampled_from(["elapsed", "business"])) if limited else "elapsed",
            )
        )
    return tuple(found)


@st.composite
def processes(draw: st.DrawFn) -> dict[str, Process]:
    """One to three processes, each the only one of its root type and engagement."""
    ranks = st.tuples(st.sampled_from(("work", "bill")), st.sampled_from((None, *ENGAGEMENTS)))
    likely = st.just(("work", None))
    found = {}
    for root, engagement in draw(
        st.lists(st.one_of(likely, ranks), min_size=1, max_size=3, unique=True)
    ):
        name = f"{root}_{engagement or 'any'}"
        its_stages = draw(stages(root))
        cut = draw(st.sampled_from([None, its_stages[-1].name]))
        process = Process(name, root, engagement, its_stages, Cutoff(cut) if cut else None)
        found[name] = replace(process, version=process_version(process))
    return found


@st.composite
def links(draw: st.DrawFn, thing: tuple[str, str]) -> tuple[str, str, str, Decimal | None]:
    """A link to anything, itself included; same_as stays within the type, as admission sees to."""
    relation = draw(st.sampled_from(RELATIONS))
    type_, id_ = draw(OBJECTS)
    amount = draw(AMOUNTS) if relation in ("from", "reverses") else None
    return (thing[0] if relation == "same_as" else type_), id_, relation, amount


@st.composite
def noise(draw: st.DrawFn) -> dict[str, Any]:
    """Any event of any object."""
    thing = draw(OBJECTS)
    amount = draw(AMOUNTS)
    return _event(
        thing,
        draw(st.sampled_from(ALL_ACTIONS)),
        draw(INSTANTS),
        outcome=draw(
            st.sampled_from(["ok", "ok", "ok", "failed", "failed", "retrying", "skipped"])
        ),
        source=draw(st.sampled_from(ALL_SOURCES)),
        correlation_id=draw(st.sampled_from(CORRELATIONS)),
        idempotency_key=draw(st.sampled_from(["", "", "k1", "k2"])),
        links=draw(st.lists(links(thing), max_size=2)),
        amount=amount,
        currency=draw(st.sampled_from(["USD", "USD", "EUR"])) if amount is not None else "",
        attributes=draw(st.sampled_from([{}, {"note": "ab"}, {"note": "abc"}])),
        **draw(contexts()),
    )


@st.composite
def contexts(draw: st.DrawFn) -> dict[str, str]:
    return {
        "engagement": draw(st.sampled_from(["", "", "", *ENGAGEMENTS])),
        "legal_entity": draw(st.sampled_from(ENTITIES)),
        "period": draw(st.sampled_from(["", "", "", *PERIODS])),
        "contract": draw(st.sampled_from(["", "K1", "K1", "K2"])),
    }


@st.composite
def story(draw: st.DrawFn, process: Process) -> list[dict[str, Any]]:
    """One root on its way, as far as it got; objects made from earlier ones, or correlated."""
    correlation = draw(st.sampled_from(CORRELATIONS))
    context = draw(contexts())
    at = draw(INSTANTS)
    things: dict[str, list[tuple[str, str]]] = {}
    events = []
    for stage in process.stages[: draw(st.integers(1, len(process.stages)))]:
        fresh = stage.object not in things
        if fresh:
            ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=2, unique=True))
            before = [thing for made in things.values() for thing in made][-2:]
            things[stage.object] = [(stage.object, id_) for id_ in ids]
        for thing in things[stage.object]:
            at += timedelta(hours=draw(st.sampled_from([0, 1, 5, 30, -2])))
            made_from = draw(st.sampled_from(before)) if fresh and before else None
            if made_from and draw(st.integers(0, 3)) == 0:
                made_from = None
            amount = draw(AMOUNTS)
            events.append(
                _event(
                    thing,
                    draw(st.sampled_from(stage.actions)),
                    at,
                    outcome=draw(st.sampled_from(["ok", "ok", "ok", "ok", "failed"])),
                    source=_source(stage),
                    correlation_id=correlation,
                    links=[(*made_from, "from", draw(LINK_AMOUNTS))] if made_from else [],
                    amount=amount,
                    currency="USD" if amount is not None else "",
                    **context,
                )
            )
    made = [thing for its in things.values() for thing in its]
    return events + draw(memos(made, at)) if draw(st.booleans()) else events


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    """A version of a contract that comes into force, mostly before much has happened."""
    return _event(
        ("contract", draw(st.sampled_from(["K1", "K2"]))),
        draw(st.sampled_from(["activated", "amended", "seen"])),
        draw(INSTANTS) - timedelta(hours=draw(st.sampled_from([0, 48]))),
        outcome="ok",
        source="psa-1",
        correlation_id="",
        links=[],
        amount=None,
        currency="",
        contract_version=draw(st.sampled_from(["1", "2", "10"])),
    )


@st.composite
def shared(draw: st.DrawFn, process: Process) -> list[dict[str, Any]]:
    """Several revenue events that go into one object, of which memos take something off."""
    at, currency = draw(INSTANTS), draw(st.sampled_from(["USD", "USD", "EUR"]))
    first, later = process.stages[0], process.stages[1:]
    roots = [(process.root, id_) for id_ in IDS]
    events = []
    for root in roots:
        amount = draw(st.sampled_from([Decimal("100"), Decimal("40.0001"), Decimal("33.33")]))
        money = {"amount": amount, "currency": draw(st.sampled_from([currency, currency, "USD"]))}
        events.append(_plain(root, first, at, **money))
    for stage in later[:1]:
        links = [(*root, "from", draw(LINK_AMOUNTS)) for root in roots]
        whole = (stage.object, draw(st.sampled_from(IDS)))
        money = {"amount": Decimal("200"), "currency": currency}
        events.append(_plain(whole, stage, at, links=links, **money))
        events += draw(memos([whole], at))
    return events


def _plain(thing: tuple[str, str], stage: Stage, at: datetime, **more: Any) -> dict[str, Any]:
    """The ok event that takes an object into a stage."""
    given = {"outcome": "ok", "source": _source(stage), "correlation_id": "", "links": [], **more}
    return _event(thing, stage.actions[0], at, **given)


@st.composite
def memos(draw: st.DrawFn, made: list[tuple[str, str]], at: datetime) -> list[dict[str, Any]]:
    """What takes something off the objects of a story, is posted, or taken back by another memo."""
    told = []
    for id_ in draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)):
        off = draw(st.sampled_from(made))
        amount = draw(PARTS)
        links = [(*off, "reverses", draw(st.sampled_from([None, amount, Decimal("7")])))]
        if told and draw(st.booleans()):
            links.append(
                ("memo", told[0]["object_id"], draw(st.sampled_from(["from", "reverses"])), None)
            )
        told.append(
            _event(
                ("memo", id_),
                draw(st.sampled_from(["approved", "approved", "approved", "reversed", "rejected"])),
                at + timedelta(hours=draw(st.sampled_from([0, 1, 30]))),
                outcome="ok",
                source="erp-1",
                correlation_id="",
                links=links,
                amount=amount,
                currency=draw(st.sampled_from(["USD", "USD", "USD", "EUR"]))
                if amount is not None
                else "",
            )
        )
    return told


@st.composite
def worlds(draw: st.DrawFn, told_max: int = 25) -> World:
    """One to four stories and up to 15 events of noise, in an order that means nothing."""
    return draw(worlds_beside(1, told_max))[0]


@st.composite
def worlds_beside(draw: st.DrawFn, count: int, told_max: int = 25) -> list[World]:
    """Worlds that share processes, match rules and the instant of asking, and no id."""
    its_processes, matches, now = draw(processes()), draw(rules(TYPES)), draw(INSTANTS)
    made = [
        draw(happenings(its_processes, matches, told_max, f"{place}~{{}}" if place else "{}"))
        for place in range(count)
    ]
    return [World(its_processes, dict(SOURCES), events, now, matches) for events in made]


@st.composite
def happenings(
    draw: st.DrawFn,
    its_processes: dict[str, Process],
    matches: dict[str, Match],
    told_max: int,
    form: str,
) -> list[dict[str, Any]]:
    """The events of one world, every id of its own in this form."""
    told: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 4))):
        told += draw(story(draw(st.sampled_from(list(its_processes.values())))))
    told = told[:told_max]
    if draw(st.integers(0, 2)) == 0:
        told += draw(shared(draw(st.sampled_from(list(its_processes.values())))))
    told += draw(st.lists(terms(), max_size=2))
    for match in matches.values():
        told += draw(alike(match))
    noises = draw(st.integers(0, 10))
    told += draw(st.lists(noise(), min_size=noises, max_size=noises + 5))
    # Some share an event id: another content under it is a conflicting version, and counts as well.
    event_ids = draw(st.permutations([f"e{n // 10}{n % 10}" for n in range(len(told))]))
    if len(told) > 3 and draw(st.booleans()):
        event_ids[0] = event_ids[1]
    events = [
        _sealed(apart({**event, "event_id": id_}, form))
        for event, id_ in zip(told, event_ids, strict=True)
    ]
    return list({(e["source"], e["event_id"], e["content_hash"]): e for e in events}.values())


@st.composite
def alike(draw: st.DrawFn, match: Match) -> list[dict[str, Any]]:
    """Objects that agree in everything and say nothing of each other; some on their way already."""
    at = draw(INSTANTS)
    same = {
        "contract": draw(st.sampled_from(["K1", "K1", "K2"])),
        "legal_entity": draw(st.sampled_from(["US01", "US01", ""])),
        "amount": Decimal("100"),
        "currency": "USD",
    }
    events = []
    for type_ in (match.up, match.down):
        for id_ in draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)):
            at += timedelta(hours=draw(st.sampled_from([0, 1, 2, -1])))
            events.append(
                _event(
                    (type_, id_),
                    draw(st.sampled_from(ACTIONS)),
                    at,
                    outcome="ok",
                    source=draw(st.sampled_from(("psa-1", "erp-1"))),
                    correlation_id=draw(st.sampled_from(["", "", "", "c1"])),
                    links=[],
                    attributes=draw(st.sampled_from([{}, {"note": "ab"}, {"note": "abd"}])),
                    **same,
                )
            )
    return events


def _source(stage: Stage) -> str:
    """A source whose events the stage takes."""
    for name in (*ALL_SOURCES[-1:], *SOURCES):
        if not stage.roles or SOURCES.get(name, "unknown") in stage.roles:
            return name
    return ALL_SOURCES[0]


def _event(thing: tuple[str, str], action: str, at: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "object_type": thing[0],
        "object_id": thing[1],
        "occurred_at": at,
        "action": action,
        "idempotency_key": "",
        "measure": "",
        **fields,
    }


def _sealed(event: dict[str, Any]) -> dict[str, Any]:
    content = repr(sorted(event.items())).encode()
    return {**event, "content_hash": hashlib.sha256(content).digest()[:16]}
