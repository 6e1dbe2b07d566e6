"""The work that is sold: time, expenses, milestones, progress and retainers, up to their approval.

Each function tells the approval of one cycle's work and returns it in groups; a group becomes one
billing event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from revtrace.simulate.answer_key import Root, Seeded
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.firm import PSA, Consultant
from revtrace.simulate.quarter import at_local, days, is_workday, next_workday
from revtrace.simulate.sheet import Entry, Sheet
from revtrace.simulate.tape import Fact, Money, cents
from revtrace.simulate.world import World, cycle_context

_EXPENSES = ("flight", "hotel", "rail", "taxi", "meals", "mileage")
# What concerns all lines of a timesheet, since they are approved in one sitting.
_WHOLE_SHEET = ("approved_by_oneself", "approved_by_delegate", "approval_came_late")
_PROGRESS = (Decimal("0.18"), Decimal("0.27"), Decimal("0.31"), Decimal("0.24"))


_PERIODS = {"retainer": "retainer_period", "managed_services": "service_period"}


@dataclass
class Group:
    """Roots that are billed by one billing event, at `run_at`."""

    roots: list[Root]
    run_at: datetime


def work_of(world: World, cycle: Cycle, fault: str) -> list[Group]:
    """Tell the cycle's work up to approval; `fault` names what goes wrong in it, if anything."""
    if cycle.process == "time_and_materials":
        return _timesheets(world, cycle, fault)
    if cycle.process == "expenses":
        return _expense_reports(world, cycle, fault)
    if world.plan.of_contract(cycle.contract) == "usage_pricing":
        _unknown_pricing(world, cycle)
        return []
    return [_delivery(world, cycle)]


def _timesheets(world: World, cycle: Cycle, fault: str) -> list[Group]:
    groups: list[Group] = []
    for seat, person in enumerate(cycle.contract.team):
        struck = fault if seat == 0 else ""
        entries = _week(world, cycle, person, struck)
        if not entries:
            continue
        run_at, sheet = cycle.run_at, Sheet(world, cycle, "time_entry")
        if struck == "late_approval":
            day = next_workday(cycle.period.last_day, 2)
            sheet.approved_at = at_local(day, 11.0, cycle.contract.entity.zone)
            run_at = at_local(day, 14.0, cycle.contract.entity.zone)
        roots = [root for root in map(sheet.tell, entries) if root is not None]
        if roots:
            groups.append(Group(roots, run_at))
    return groups


def _week(world: World, cycle: Cycle, person: Consultant, fault: str) -> list[Entry]:
    rush = cycle.closing and cycle.last == cycle.period.last_day
    entries: list[Entry] = []
    for day in days(cycle.first, cycle.last + timedelta(days=1)):
        # In the last days before a period end some people work through the weekend.
        chance = 0.93 if is_workday(day) else (0.06 if rush else 0.0)
        if world.rng.random() < chance:
            entries.append(_entry(world, cycle, person, (day, len(entries) + 1)))
    if not entries:
        return entries
    if fault == "similar_entries":
        twin = _entry(world, cycle, person, (entries[0].day, 8))
        hours = Decimal(entries[0].attributes["hours"]) - Decimal("1.25")
        attributes = {**twin.attributes, "hours": str(hours), "task": "steering committee"}
        twin = replace(twin, amount=cents(hours * person.rate), fault=fault)
        entries.append(replace(twin, attributes=attributes))
    elif fault == "submitted_twice":
        again = replace(entries[0], number=entries[0].number[:-1] + "9", fault=fault)
        entries.append(again)
    elif fault == "same_hours_next_day" and len(entries) > 1:
        attributes = {**entries[1].attributes, "hours": entries[0].attributes["hours"]}
        entries[1] = replace(entries[1], attributes=attributes, amount=entries[0].amount)
        entries[1] = replace(entries[1], fault=fault)
    elif fault in _WHOLE_SHEET:
        entries = [replace(entry, fault=fault) for entry in entries]
    elif fault:
        entries[0] = replace(entries[0], fault=fault)
    return entries


def _entry(world: World, cycle: Cycle, person: Consultant, place: tuple[date, int]) -> Entry:
    day, line = place
    hours = Decimal(world.rng.choices(range(24, 41), [1] * 8 + [8] + [2] * 8)[0]) / 4
    attributes = {"work_date": day.isoformat(), "hours": str(hours), "grade": person.grade}
    number = f"TE-{cycle.name}-{person.id[-1]}{line}"
    return Entry(number, person, day, cents(hours * person.rate), attributes)


def _expense_reports(world: World, cycle: Cycle, fault: str) -> list[Group]:
    sheet = Sheet(world, cycle, "expense_item")
    roots: list[Root] = []
    workdays = [day for day in days(cycle.first, cycle.last + timedelta(days=1)) if is_workday(day)]
    shared: Entry | None = None
    for person in cycle.contract.team:
        entries = _claims(world, cycle, person, workdays)
        if shared is not None:
            number = f"EX-{cycle.name}-{person.id[-1]}9"
            entries.append(replace(shared, number=number, person=person))
            shared = None
        elif fault and not roots and entries:
            entries[0] = replace(entries[0], fault=fault)
            if fault in ("claimed_twice", "claim_withdrawn"):
                entries[0] = replace(entries[0], fault="")
                entries.append(replace(entries[0], number=f"{entries[0].number}R", fault=fault))
            elif fault == "one_taxi_two_claims":
                shared = entries[0]
        roots += [root for root in map(sheet.tell, entries) if root is not None]
    return [Group(roots, cycle.run_at)] if roots else []


def _claims(world: World, cycle: Cycle, person: Consultant, workdays: list[date]) -> list[Entry]:
    entries: list[Entry] = []
    for line in range(world.rng.choice((0, 1, 1, 2, 3, 4))):
        day = world.rng.choice(workdays)
        amount = Decimal(world.rng.randrange(1150, 68000)) / 100
        # Nobody has two receipts over the same amount on one day, unless that is what is told.
        while any(other.day == day and other.amount == amount for other in entries):
            amount += Decimal("0.01")
        attributes = {"expense_date": day.isoformat(), "category": world.rng.choice(_EXPENSES)}
        number = f"EX-{cycle.name}-{person.id[-1]}{line + 1}"
        entries.append(Entry(number, person, day, amount, attributes))
    return entries


def _delivery(world: World, cycle: Cycle) -> Group:
    """One milestone, progress update, retainer or service period, approved in the PSA."""
    contract, zone = cycle.contract, cycle.contract.entity.zone
    kind, action, amount = "milestone", "accepted", contract.fee
    if cycle.process == "percent_complete":
        share = _PROGRESS[cycle.index % len(_PROGRESS)]
        kind, action, amount = "progress_update", "approved", cents(contract.fee * share)
    elif cycle.process in ("retainer", "managed_services"):
        kind, action = _PERIODS[cycle.process], "approved"
    number = f"{''.join(word[0] for word in kind.split('_')).upper()}-{cycle.name}"
    root = Root((kind, number), cycle.process, amount, contract.entity.currency)
    root.project = contract.project
    context = cycle_context(cycle, actor=contract.manager)
    if world.plan.of_contract(contract) == "new_pricing_model":
        context["engagement"] = "outcome_based"
    at = at_local(cycle.approval, world.hours(9.0, 10.9), zone)
    fact = Fact(PSA, root.key, "submitted", at - timedelta(hours=17), context)
    if kind not in _PERIODS.values():
        world.tell(fact)
    money = Money(amount, root.currency, "approved")
    approver = {**context, "actor": "client" if kind == "milestone" else "pmo"}
    told = world.reach(
        [root], "approved", replace(fact, action=action, at=at, money=money, context=approver)
    )
    if told and context["engagement"] == "outcome_based":
        why = "no process of its own, so the default of its type"
        world.near_miss("new_pricing_model", why, at, root.key)
    return Group([root], cycle.run_at)


def _unknown_pricing(world: World, cycle: Cycle) -> None:
    """A service sold by usage: the PSA has it, and nobody has declared how it is billed."""
    contract, zone = cycle.contract, cycle.contract.entity.zone
    key = ("service_period", f"SP-{cycle.name}")
    amount = cents(contract.fee * world.rng.choice((Decimal("0.7"), Decimal("1.3"))))
    context = cycle_context(cycle, actor="pmo", engagement="usage_based")
    at = at_local(cycle.approval, world.hours(9.0, 10.9), zone)
    money = Money(amount, contract.entity.currency, "approved")
    told = world.tell(Fact(PSA, key, "approved", at, context, money))
    seeded = Seeded("usage_pricing", "governance", "no_process", (key,), at, (), amount)
    world.seed(told, replace(seeded, currency=money.currency, source=PSA))
