"""What happens to senders as a whole: who is silent, who is new, whose release is faulty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from revtrace.simulate.answer_key import Seeded
from revtrace.simulate.firm import ANALYTICS, CRM, PSA, SOURCES, Contract
from revtrace.simulate.quarter import Quarter, at_local, days, next_workday
from revtrace.simulate.tape import Fact, Key, Resend
from revtrace.simulate.world import World

_LEGACY = "legacy-timesheets"
_QUIET_FROM_DAYS = 2
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def tell_submitted(world: World, fact: Fact) -> bool:
    """Tell a submission; a faulty release sends it in vain first, and properly the day after."""
    for release in world.releases:
        if release.spoils(fact):
            refused = world.tape.tally.refused
            world.tell(release.broken(fact))
            if world.tape.tally.refused > refused:
                world.key.refused(fact.key, fact.source, release.field)
                first = world.spoilt.get(release.subkind, fact.at)
                world.spoilt[release.subkind] = min(first, fact.at)
            return world.tell(release.mended(fact))
    return world.tell(fact)


def resends(quarter: Quarter) -> tuple[Resend, ...]:
    """Twice in the quarter the PSA's outbox is replayed after a restart, all of it."""
    found = []
    for period in quarter.periods[:2]:
        start = at_local(next_workday(period.start, 6), 0.0, "UTC")
        found.append(Resend(PSA, start, start + timedelta(hours=15), timedelta(hours=20)))
    return tuple(found)


def legacy_sender(world: World, contract: Contract) -> None:
    """A system that nobody registered has begun to send."""
    if world.plan.of_contract(contract) != "legacy_sender":
        return
    first: datetime | None = None
    day = next_workday(world.quarter.periods[1].start)
    while day < world.quarter.end:
        at = at_local(day, 23.5, contract.entity.zone)
        fact = Fact(_LEGACY, ("timesheet_file", f"TSF-{day.isoformat()}"), "received", at)
        if world.tell(replace(fact, context={"legal_entity": contract.entity.id})):
            first = first or at
        day = next_workday(day, 3)
    if first is not None:
        seeded = Seeded(
            "legacy_sender", "governance", "unknown_source", (("source", _LEGACY),), first
        )
        world.seed(True, replace(seeded, source=_LEGACY))


def nightly_reports(world: World) -> None:
    """The warehouse reports every night, until it falls silent."""
    quarter, day = world.quarter, world.quarter.start
    while day < quarter.following.end:
        at = at_local(day, 4.0, "UTC") + world.minutes(0, 9)
        if at < world.loads_end:
            key = ("report", f"REVENUE-{day.isoformat()}")
            context = {"period": quarter.period_of(day).name, "actor": "nightly-load"}
            world.tell(Fact(ANALYTICS, key, "published", at, context, event_id=None))
        day += timedelta(days=1)


def pipeline(world: World) -> None:
    """Sales opens opportunities every week, and most come to nothing: the CRM is never silent."""
    for week, day in enumerate(days(world.quarter.start, world.quarter.following.end)):
        if day.weekday() != 0:
            continue
        key: Key = ("opportunity", f"OPP-P{week:04}")
        context = {"legal_entity": "US01", "region": "AMER", "actor": "sales-ops"}
        opened = Fact(CRM, key, "created", at_local(day, 9.0, "America/New_York"), context)
        opened = replace(opened, at=opened.at + world.minutes(0, 90))
        world.tell(opened)
        world.tell(replace(opened, action="lost", at=opened.at + timedelta(days=16)))


def note_senders(world: World) -> None:
    """Enter what became of the sources once everything is told."""
    for release in world.releases:
        first = world.spoilt.get(release.subkind)
        if first is not None:
            seeded = Seeded(
                "faulty_release",
                "governance",
                release.subkind,
                (("source", release.source),),
                first,
            )
            # The next good record of the same kind shows that the hotfix works.
            mended = release.mended_at <= world.now
            status = "resolved" if mended else "open"
            world.seed(True, replace(seeded, source=release.source, status=status))
    for resend in resends(world.quarter):
        world.near_miss(
            "outbox_replayed",
            "every line is the same as before, so it is stored once",
            resend.start + resend.after,
            ("source", resend.source),
        )
    for name, _, _, every in SOURCES:
        if name in world.tape.newest:
            _note_silence(world, name, _UNITS[every[-1]] * int(every[:-1]))


def _note_silence(world: World, name: str, every: timedelta) -> None:
    """Whether the source is silent now, and its longest pause that was no silence."""
    key: Key = ("source", name)
    newest, tape = world.tape.newest[name], world.tape
    if world.now - newest > every:
        fault = "loads_stopped" if name == ANALYTICS else "nothing_to_say"
        silent = Seeded(fault, "silent_source", "", (key,), newest + every)
        world.seed(True, replace(silent, source=name))
        return
    spoken = sorted(tape.days[name])
    pauses = [
        (later - earlier, earlier) for earlier, later in zip(spoken, spoken[1:], strict=False)
    ]
    longest, since = max(pauses, default=(timedelta(0), world.quarter.start))
    if timedelta(days=_QUIET_FROM_DAYS) <= longest < every:
        quiet = sum(1 for _ in days(since, since + longest)) - 1
        why = f"{quiet} days without a word, weekend or holiday: within its expected interval"
        world.near_miss("quiet_days", why, at_local(since, 23.0, "UTC"), key)
