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
from revtrace.simulate.firm import EXPENSE, PSA, Consultant
from revtrace.simulate.quarter import at_local, days, is_workday, next_workday
from revtrace.simulate.tape import Fact, Money, cents
from revtrace.simulate.world import World, cycle_context

_EXPENSES = ("flight", "hotel", "rail", "taxi", "meals", "mileage")
_PROGRESS = (Decimal("0.18"), Decimal("0.27"), Decimal("0.31"), Decimal("0.24"))
_EXPORT_WEEKS = 5
_OFFLINE_SHARE, _SENT_BACK_SHARE = 0.01, 0.02
EXPORT_ID = "psa-nightly-export"


@dataclass
class Group:
    """Roots that are billed by one billing event, at `run_at`."""

    roots: list[Root]
    run_at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of somebody's timesheet or expense report, before it is told."""

    number: str
    person: Consultant
    day: date
    amount: Decimal
    attributes: dict[str, str]
    fault: str = ""


def work_of(world: World, cycle: Cycle, fault: str) -> list[Group]:
    """Tell the cycle's work up to approval; `fault` names what goes wrong in it, if anything."""
    if cycle.process == "time_and_materials":
        return _timesheets(world, cycle, fault)
    if cycle.process == "expenses":
        return _expense_reports(world, cycle, fault)
    return [_delivery(world, cycle, fault)]


def _timesheets(world: World, cycle: Cycle, fault: str) -> list[Group]:
    groups: list[Group] = []
    for seat, person in enumerate(cycle.contract.team):
        struck = fault if seat == 0 else ""
        entries = _week(world, cycle, person, struck)
        if not entries:
            continue
        run_at, sheet = cycle.run_at, _Sheet(world, cycle, "time_entry")
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
    elif fault == "approved_by_oneself":
        entries = [replace(entry, fault=fault) for entry in entries]
    elif fault:
        entries[0] = replace(entries[0], fault=fault)
    return entries


def _entry(world: World, cycle: Cycle, person: Consultant, place: tuple[date, int]) -> Entry:
    day, line = place
    hours = Decimal(world.rng.choices(range(24, 41), [1] * 8 + [8] + [2] * 8)[0]) / 4
    attributes = {"date": day.isoformat(), "hours": str(hours), "grade": person.grade}
    number = f"TE-{cycle.name}-{person.id[-1]}{line}"
    return Entry(number, person, day, cents(hours * person.rate), attributes)


def _expense_reports(world: World, cycle: Cycle, fault: str) -> list[Group]:
    sheet = _Sheet(world, cycle, "expense_item")
    roots: list[Root] = []
    workdays = [day for day in days(cycle.first, cycle.last + timedelta(days=1)) if is_workday(day)]
    for person in cycle.contract.team:
        entries: list[Entry] = []
        for line in range(world.rng.choice((0, 1, 1, 2, 3, 4))):
            day = world.rng.choice(workdays)
            amount = Decimal(world.rng.randrange(1150, 68000)) / 100
            attributes = {"date": day.isoformat(), "category": world.rng.choice(_EXPENSES)}
            number = f"EX-{cycle.name}-{person.id[-1]}{line + 1}"
            entries.append(Entry(number, person, day, amount, attributes))
        if fault and not roots and entries:
            entries[0] = replace(entries[0], fault=fault)
            if fault == "claimed_twice":
                entries[0] = replace(entries[0], fault="")
                entries.append(replace(entries[0], number=f"{entries[0].number}R", fault=fault))
        roots += [root for root in map(sheet.tell, entries) if root is not None]
    return [Group(roots, cycle.run_at)] if roots else []


class _Sheet:
    """Tells the entries of one cycle: submitted by a person, approved by the manager."""

    def __init__(self, world: World, cycle: Cycle, kind: str) -> None:
        self.world, self.cycle, self.kind = world, cycle, kind
        self.zone = cycle.contract.entity.zone
        self.source = EXPENSE if kind == "expense_item" else cycle.contract.entity.time_source
        # A manager approves all of a team in one sitting, a line every few seconds.
        self.approved_at = at_local(cycle.approval, world.hours(9.1, 11.8), self.zone)
        self.first_submit: dict[str, datetime] = {}

    def tell(self, entry: Entry) -> Root | None:
        """The entry's root, or None when it will not be billed."""
        cycle, world = self.cycle, self.world
        currency = cycle.contract.entity.currency
        root = Root((self.kind, entry.number), cycle.process, entry.amount, currency)
        root.project, root.resource = cycle.contract.project, entry.person.id
        self.approved_at += timedelta(seconds=world.rng.uniform(1, 9))
        context = cycle_context(cycle, resource=entry.person.id)
        submitted = Fact(
            self.source,
            root.key,
            "submitted",
            self._submitted_at(entry),
            {**context, "actor": entry.person.id},
            Money(entry.amount, currency),
            attributes=entry.attributes,
        )
        # Phones deliver what was written offline when they are back.
        if world.rng.random() < _OFFLINE_SHARE and not entry.fault:
            submitted = replace(submitted, lag=timedelta(hours=world.hours(5, 40)))
        if world.tell(submitted) and submitted.lag is not None:
            world.near_miss("arrived_late", "sent when back online", submitted.at, root.key)
        if world.rng.random() < _SENT_BACK_SHARE and not entry.fault:
            self._send_back(root, submitted)
        if entry.fault == "changed_after_sending":
            self._resend_changed(root, submitted)
        return self._approve(root, entry, submitted)

    def _approve(self, root: Root, entry: Entry, submitted: Fact) -> Root | None:
        cycle, world, fault = self.cycle, self.world, entry.fault
        manager = entry.person.id if fault == "approved_by_oneself" else cycle.contract.manager
        money = Money(root.amount, root.currency, "approved")
        approved = replace(
            submitted,
            action="approved",
            at=self.approved_at,
            context={**submitted.context, "actor": manager},
            money=money,
            correlation=self._export_id(),
            lag=None,
        )
        told = fault == "not_approved" or world.reach([root], "approved", approved)
        if fault == "withdrawn_after_approval":
            withdrawn = replace(approved, action="rejected", money=None, correlation="")
            withdrawn = replace(withdrawn, at=approved.at + world.minutes(20, 70))
            root.cancelled = world.tell(withdrawn)
            world.near_miss(fault, "taken back by the manager", withdrawn.at, root.key)
            world.key.path(root)
            return None
        self._note(root, entry, approved, told)
        return root

    def _note(self, root: Root, entry: Entry, approved: Fact, told: bool) -> None:
        world, cycle, fault = self.world, self.cycle, entry.fault
        kinds = {
            "late_approval": ("conformance", "late_approval"),
            "approved_by_oneself": ("conformance", "self_approval"),
            "not_approved": ("conformance", "skipped_stage"),
            "submitted_twice": ("duplicate", "business"),
            "claimed_twice": ("duplicate", "business"),
            "changed_after_sending": ("duplicate", "conflict"),
        }
        late = cycle.period.billing_cutoff(self.zone) < approved.at
        if self.approved_at.date() > cycle.approval and late:
            fault = "late_approval"
        if fault == "similar_entries":
            world.near_miss(fault, "two tasks on one day", approved.at, root.key)
        if fault not in kinds:
            return
        keys = [root.key]
        if fault in ("submitted_twice", "claimed_twice"):
            first = entry.number[:-1] + ("1" if fault == "submitted_twice" else "")
            keys.insert(0, (self.kind, first))
        kind, subkind = kinds[fault]
        seeded = Seeded(fault, kind, subkind, tuple(keys), approved.at, (root,), root.amount)
        stage = "approved" if subkind == "skipped_stage" else ""
        seeded = replace(seeded, currency=root.currency, process=cycle.process, source=self.source)
        world.seed(told, replace(seeded, stage=stage))

    def _submitted_at(self, entry: Entry) -> datetime:
        """Friday evening for most, every evening for some, Monday morning for the rest."""
        world, last = self.world, self.cycle.last
        while not is_workday(last):
            last -= timedelta(days=1)
        mood = hash_share(entry.person.id, self.cycle.index)
        day = max(last, entry.day)
        if mood < 0.3:
            return at_local(entry.day, world.hours(17.0, 20.0), self.zone)
        if mood > 0.92 and entry.day <= last:
            return at_local(next_workday(last), world.hours(7.6, 8.9), self.zone)
        if entry.person.id not in self.first_submit:
            evening = world.rng.gauss(17.2, 1.0)
            start = at_local(day, min(max(evening, 14.5), 21.5), self.zone)
            self.first_submit[entry.person.id] = start
        self.first_submit[entry.person.id] += timedelta(seconds=world.rng.uniform(15, 100))
        return max(self.first_submit[entry.person.id], at_local(entry.day, 17.0, self.zone))

    def _send_back(self, root: Root, submitted: Fact) -> None:
        """Rejected once and corrected: usual, and no fault."""
        rejected_at = at_local(self.cycle.approval, 9.0, self.zone)
        manager = {**submitted.context, "actor": self.cycle.contract.manager}
        rejected = replace(
            submitted, action="rejected", at=rejected_at, context=manager, money=None
        )
        self.world.tell(replace(rejected, lag=None))
        again = replace(submitted, at=rejected_at + timedelta(minutes=4), attempt=2, lag=None)
        self.world.tell(again)
        self.world.near_miss("sent_back", "approved later", rejected_at, root.key)

    def _resend_changed(self, root: Root, submitted: Fact) -> None:
        """The sender corrects the hours and sends them under the id that was used already."""
        name = f"{self.source}.time_entry.{root.key[1]}.submitted.1"
        changed = {**submitted.attributes, "hours": "1.00", "note": "corrected"}
        self.world.tell(replace(submitted, event_id=name, attributes=changed))

    def _export_id(self) -> str:
        # In the first weeks the PSA's export stamped one constant correlation id on everything.
        weeks = timedelta(weeks=_EXPORT_WEEKS)
        early = self.cycle.last < self.world.quarter.start + weeks
        return EXPORT_ID if early and self.source == PSA else ""


def _delivery(world: World, cycle: Cycle, fault: str) -> Group:
    """One milestone, progress update or retainer period, approved in the PSA."""
    contract, zone = cycle.contract, cycle.contract.entity.zone
    kind, action, amount = "milestone", "accepted", contract.fee
    if cycle.process == "percent_complete":
        share = _PROGRESS[cycle.index % len(_PROGRESS)]
        kind, action, amount = "progress_update", "approved", cents(contract.fee * share)
    elif cycle.process == "retainer":
        kind, action = "retainer_period", "approved"
    number = f"{''.join(word[0] for word in kind.split('_')).upper()}-{cycle.name}"
    root = Root((kind, number), cycle.process, amount, contract.entity.currency)
    root.project = contract.project
    context = cycle_context(cycle, actor=contract.manager)
    if world.plan.of_contract(contract) == "new_pricing_model":
        context["engagement"] = "outcome_based"
    at = at_local(cycle.approval, world.hours(9.0, 10.9), zone)
    fact = Fact(PSA, root.key, "submitted", at - timedelta(hours=17), context)
    if kind != "retainer_period":
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


def hash_share(person: str, week: int) -> float:
    """A number in 0..1 that stays with a person for a week: habits, not dice."""
    return (sum(map(ord, person)) * 7919 + week // 4 * 104729) % 997 / 997
