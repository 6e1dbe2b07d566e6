"""Timesheets and expense reports: a line is submitted by a person and approved by the manager."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from revtrace.simulate.answer_key import Root, Seeded
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.firm import EXPENSE, PSA, Consultant
from revtrace.simulate.quarter import at_local, is_workday, next_workday
from revtrace.simulate.senders import tell_submitted
from revtrace.simulate.tape import Fact, Money
from revtrace.simulate.world import World, cycle_context

_EXPORT_WEEKS = 5
_OFFLINE_SHARE, _SENT_BACK_SHARE = 0.01, 0.02
EXPORT_ID = "psa-nightly-export"
# What a line stands for in the answer key: the kind and subkind of finding that it deserves.
_FOUND = {
    "late_approval": ("conformance", "late_approval"),
    "approved_by_oneself": ("conformance", "self_approval"),
    "not_approved": ("conformance", "skipped_stage"),
    "changed_after_sending": ("duplicate", "conflict"),
}
# Lines that say the same as the first one of their sheet, by the ending of their number.
_TWICE = {"submitted_twice": "1", "claimed_twice": "", "claim_withdrawn": ""}
_NEAR_MISSES = {
    "similar_entries": "two tasks on one day",
    "same_hours_next_day": "the same hours, worked on another day",
    "one_taxi_two_claims": "two people shared a taxi and each paid half",
    "approved_by_delegate": "the manager was away, a colleague approved by delegation",
    "approval_came_late": "the approval arrived days later, and was given in time",
}


@dataclass(frozen=True)
class Entry:
    """One line of somebody's timesheet or expense report, before it is told."""

    number: str
    person: Consultant
    day: date
    amount: Decimal
    attributes: dict[str, str]
    fault: str = ""


class Sheet:
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
        told = world.tell(submitted) if entry.fault else tell_submitted(world, submitted)
        if entry.fault in _TWICE:
            self._note_twice(root, entry, submitted, told)
        if told and submitted.lag is not None:
            world.near_miss("arrived_late", "sent when back online", submitted.at, root.key)
        if world.rng.random() < _SENT_BACK_SHARE and not entry.fault:
            self._send_back(root, submitted)
        if entry.fault == "changed_after_sending":
            self._resend_changed(root, submitted)
        return self._approve(root, entry, submitted)

    def _approve(self, root: Root, entry: Entry, submitted: Fact) -> Root | None:
        world, fault = self.world, entry.fault
        if fault == "claim_withdrawn":
            self._withdraw(root, entry, submitted)
            return None
        manager = self._approver(entry)
        money = Money(root.amount, root.currency, "approved")
        approved = replace(
            submitted,
            action="approved",
            at=self.approved_at,
            context={**submitted.context, "actor": manager},
            money=money,
            correlation=self._export_id(),
            lag=timedelta(hours=world.hours(26, 60)) if fault == "approval_came_late" else None,
            attributes=self._signed(entry),
        )
        told = fault == "not_approved" or world.reach([root], "approved", approved)
        world.stamped += told and bool(approved.correlation) and fault != "not_approved"
        if fault == "withdrawn_after_approval":
            withdrawn = replace(approved, action="rejected", money=None, correlation="")
            withdrawn = replace(withdrawn, at=approved.at + world.minutes(20, 70))
            root.cancelled = world.tell(withdrawn)
            world.near_miss(fault, "taken back by the manager", withdrawn.at, root.key)
            world.key.path(root)
            return None
        self._note(root, entry, approved, told)
        return root

    def _approver(self, entry: Entry) -> str:
        contract = self.cycle.contract
        if entry.fault == "approved_by_oneself":
            return entry.person.id
        if entry.fault == "approved_by_delegate":
            return next(person.id for person in contract.team if person != entry.person)
        return contract.manager

    def _signed(self, entry: Entry) -> dict[str, str]:
        """What the approval says of the line: all it said before, and who asked for it."""
        signed = dict(entry.attributes)
        if self.source == EXPENSE:
            signed["submitted_by"] = entry.person.id
        if entry.fault == "approved_by_delegate":
            signed["approved_for"] = self.cycle.contract.manager
        return signed

    def _note_twice(self, root: Root, entry: Entry, submitted: Fact, told: bool) -> None:
        """There are two from the submission on, until one of them is refused."""
        refused = entry.fault == "claim_withdrawn" and self.approved_at <= self.world.now
        first = (self.kind, entry.number[:-1] + _TWICE[entry.fault])
        seeded = Seeded(
            entry.fault, "duplicate", "business", (first, root.key), submitted.at, (root,)
        )
        seeded = replace(seeded, amount=root.amount, currency=root.currency)
        seeded = replace(seeded, process=self.cycle.process, source=self.source)
        self.world.seed(told and not refused, seeded)

    def _withdraw(self, root: Root, entry: Entry, submitted: Fact) -> None:
        """The same receipt again: the manager saw it, and refused the second line."""
        context = {**submitted.context, "actor": self.cycle.contract.manager}
        rejected = replace(submitted, action="rejected", at=self.approved_at, money=None)
        told = self.world.tell(replace(rejected, context=context, lag=None))
        if told:
            why = "the second claim was refused and never approved"
            first = (self.kind, entry.number[:-1] + _TWICE[entry.fault])
            self.world.near_miss("claim_withdrawn", why, rejected.at, first, root.key)

    def _note(self, root: Root, entry: Entry, approved: Fact, told: bool) -> None:
        world, cycle, fault = self.world, self.cycle, entry.fault
        late = cycle.period.billing_cutoff(self.zone) < approved.at
        if self.approved_at.date() > cycle.approval and late:
            fault = "late_approval"
        if fault in _NEAR_MISSES and told:
            world.near_miss(fault, _NEAR_MISSES[fault], approved.at, root.key)
        if fault not in _FOUND:
            return
        kind, subkind = _FOUND[fault]
        seeded = Seeded(fault, kind, subkind, (root.key,), approved.at, (root,), root.amount)
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


def hash_share(person: str, week: int) -> float:
    """A number in 0..1 that stays with a person for a week: habits, not dice."""
    return (sum(map(ord, person)) * 7919 + week // 4 * 104729) % 997 / 997
