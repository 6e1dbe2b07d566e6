"""From approved work to the ledger: billing events, the middleware run, invoices, postings.

`Billing` acts out one cycle. A fault of the cycle strikes at its own hop; everything beside it
goes on as on any other day, and every amount is carried on exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from revtrace.simulate.answer_key import Root, Seeded
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.faults import FAILURES, Failure
from revtrace.simulate.firm import MIDDLEWARE, NETSUITE, PSA
from revtrace.simulate.ledger import Invoice, Ledger
from revtrace.simulate.tape import Fact, Key, Link, Money, cents
from revtrace.simulate.work import Group
from revtrace.simulate.world import World, cycle_context

_ASSERTED_SHARE = 0.7
_TOGETHER = timedelta(seconds=3)
_STOPPED = ("lost_in_queue", "lost_long_ago", "not_published")


@dataclass
class BillingEvent:
    """A billing event on its way to the ERP."""

    key: Key
    roots: list[Root]
    amount: Decimal
    at: datetime  # of its last step so far
    struck: bool  # the cycle's fault is about this one
    seen_by: list[Root]  # whose path it lies on; more than its roots when two are merged


class Billing:
    """One billing cycle, hop by hop."""

    def __init__(self, world: World, cycle: Cycle, fault: str) -> None:
        self.world, self.cycle, self.fault = world, cycle, fault
        self.failure = FAILURES.get(fault)
        # The first of two billing events that come to name each other as their origin.
        self.merged: tuple[Key, datetime, list[Root], Decimal] | None = None
        self.currency = cycle.contract.entity.currency
        self.erp = cycle.contract.entity.erp
        # Chains with a fault always say what they were made from; a part of the others has only
        # the correlation id of the middleware run.
        self.asserted = bool(fault) or world.rng.random() < _ASSERTED_SHARE
        version = "1" if fault == "stale_terms" else cycle.version
        self.context = cycle_context(cycle, contract_version=version, actor="svc-billing")
        self.ledger = Ledger(world, cycle, self.context)

    def run(self, groups: list[Group]) -> list[Invoice]:
        """Bill all groups; what is struck on its way is left behind or comes later."""
        runs: dict[datetime, list[Group]] = {}
        for group in groups:
            runs.setdefault(group.run_at, []).append(group)
        invoices: list[Invoice] = []
        number = 0
        for run_at, together in sorted(runs.items()):
            self._read_terms(run_at)
            made: list[BillingEvent] = []
            for group in together:
                number += 1
                event = self._bill(group, number)
                if event is not None:
                    made.append(event)
            invoices += self._carry(made, self.world.token(), len(invoices))
        return invoices

    def _carry(self, made: list[BillingEvent], run: str, before: int) -> list[Invoice]:
        if self.fault == "past_middleware":
            return self._by_hand(made)
        if self.fault == "merged_in_a_circle":
            everybody = [root for event in made[:2] for root in event.roots]
            made[:2] = [replace(event, seen_by=everybody) for event in made[:2]]
        on_time: list[BillingEvent] = []
        slow: list[BillingEvent] = []
        for event in made:
            if self._publish(event, run) and self._map(event, run):
                (slow if event.struck and self.fault == "slow_queue" else on_time).append(event)
        invoices: list[Invoice] = []
        for batch in (on_time, slow):
            if batch:
                suffix = "ABCDEFGH"[before + len(invoices)]
                invoices += self._invoice(batch, run if batch is on_time else "", suffix)
        return invoices

    def _bill(self, group: Group, number: int) -> BillingEvent | None:
        struck = number == 1
        roots = group.roots
        key = ("billing_event", f"BE-{self.cycle.name}-{number}")
        if self.cycle.process == "expenses":
            key = ("billing_event", f"BX-{self.cycle.name}-{number}")
        at = group.run_at + timedelta(seconds=20 * number + self.world.rng.uniform(0, 15))
        if struck and self.fault == "not_billed":
            self._leave_unbilled(roots, at)
            return None
        amount = sum((root.amount for root in roots), Decimal("0.00"))
        links = tuple(Link(root.key, amount=root.amount) for root in roots)
        if self.fault == "merged_in_a_circle" and number <= 2:
            other = ("billing_event", f"BE-{self.cycle.name}-{3 - number}")
            links = (*links, Link(other))
        money = Money(amount, self.currency, "billed")
        fact = Fact(PSA, key, "created", at, self.context, money, links)
        if struck and self.failure is not None and self.failure.hop == "billed":
            waiting = BillingEvent(key, roots, amount, at, struck, roots)
            self._fail(replace(fact, money=None), self.failure, roots, [waiting])
            return None
        self.world.reach(roots, "billed", fact)
        self._note_billed(key, roots, amount, at)
        return BillingEvent(key, roots, amount, at, struck, roots)

    def _read_terms(self, run_at: datetime) -> None:
        """A run bills on the terms of its own day, also what an earlier one had to leave behind."""
        if self.fault != "stale_terms":
            version = self.cycle.contract.version_on(run_at.date())
            self.context = {**self.context, "contract_version": version}
            self.ledger.context = {**self.ledger.context, "contract_version": version}

    def _note_billed(self, key: Key, roots: list[Root], amount: Decimal, at: datetime) -> None:
        seeded = Seeded(self.fault, "", "", (key,), at, tuple(roots), amount, self.currency)
        seeded = replace(seeded, process=self.cycle.process, source=PSA)
        if self.fault == "stale_terms":
            self.world.seed(True, replace(seeded, kind="conformance", subkind="stale_terms"))
        if self.fault == "merged_in_a_circle" and key[1].endswith("-1"):
            self.merged = (key, at, roots, amount)
        if self.fault == "merged_in_a_circle" and key[1].endswith("-2") and self.merged:
            first, first_at, others, first_amount = self.merged
            for root in others:
                root.touch(key)
            for root in roots:
                root.reach("billed", first_at, first)
            keys = (first, key)
            found = replace(seeded, kind="governance", subkind="link_cycle", objects=keys)
            found = replace(found, amount=first_amount + amount)
            self.world.seed(True, found)

    def _publish(self, event: BillingEvent, run: str) -> bool:
        """Hand the event over; False when it stops here. So does `_map`."""
        at = event.at + self.world.minutes(4, 35)
        if self.fault == "merged_in_a_circle":
            # The two go out and arrive together: nothing of them is out of order but their links.
            at = event.at + timedelta(minutes=9)
        if event.struck and self.fault == "not_published":
            self._overdue(event, "published", at + timedelta(hours=5))
            return False
        event.at = at
        fact = Fact(PSA, event.key, "published", at, self.context, correlation=run)
        self.world.reach(event.seen_by, "published", fact)
        return True

    def _map(self, event: BillingEvent, run: str) -> bool:
        received = Fact(
            MIDDLEWARE,
            event.key,
            "received",
            event.at + timedelta(seconds=self.world.rng.uniform(0.5, 40)),
            self.context,
            correlation=run,
        )
        world, struck = self.world, event.struck
        if self.fault == "merged_in_a_circle":
            received = replace(received, at=event.at + timedelta(seconds=75))
        if struck and self.fault in _STOPPED:
            self._overdue(event, "mapped", event.at + timedelta(hours=3))
            return False
        if struck and self.fault == "slow_queue":
            delay = timedelta(days=4, hours=world.hours(1, 5))
            received = replace(received, at=received.at + delay, correlation=world.token())
        world.tell(received)
        mapped = replace(received, action="mapped", at=received.at + world.minutes(0.1, 3))
        if struck and self.failure is not None and self.failure.hop == "mapped":
            mended = self._repair(mapped, self.failure, event.roots, [event])
            if mended is None:
                return False
            mapped = mended
        if struck and self.fault == "failed_then_fixed":
            self._fail(mapped, FAILURES["unmapped_project"], event.roots, None)
            mapped = replace(mapped, at=mapped.at + world.minutes(20, 40))
        if struck and self.fault == "retry_heals":
            error = ("HTTP:TOO_MANY_REQUESTS", "429 from system API, retry in 30 s")
            world.tell(replace(mapped, outcome="retrying", error=error))
            world.near_miss("retry_heals", "second attempt went through", mapped.at, event.key)
            mapped = replace(mapped, at=mapped.at + world.minutes(0.5, 2), attempt=2)
        if self.fault == "invoiced_too_soon":
            mapped = replace(mapped, at=mapped.at + timedelta(minutes=75))
        event.at = mapped.at
        told = world.reach(event.seen_by, "mapped", mapped)
        if struck and self.fault == "slow_queue":
            self._seed_late(event, told)
        return True

    def _invoice(self, events: list[BillingEvent], run: str, suffix: str) -> list[Invoice]:
        """Post the invoice of a batch and what the fault makes of it, then its journals."""
        cycle, world = self.cycle, self.world
        roots = [root for event in events for root in event.roots]
        total = sum((event.amount for event in events), Decimal("0.00"))
        start = max(event.at for event in events)
        if self.fault == "invoiced_too_soon":
            start -= timedelta(minutes=72)
        slower = self.erp != NETSUITE and self.fault != "invoiced_too_soon"
        wait = world.minutes(15, 75) if slower else world.minutes(6, 40)
        if world.busy is not None and (not self.fault or self.failure is not None):
            wait += world.busy.reviewed(cycle, start)
        letter = "X" if cycle.process == "expenses" else "I"
        key = ("invoice", f"{letter}NV-{cycle.contract.entity.id}-{cycle.name}{suffix}")
        asserted = self.asserted or not run
        fact = Fact(
            self.erp,
            key,
            "posted",
            start + wait,
            self.context,
            Money(total, self.currency, "billed"),
            tuple(Link(event.key) for event in events) if asserted else (),
            correlation=run or world.token(),
            idempotency=f"mule-{cycle.name}-{suffix}-{world.rng.getrandbits(40):010x}",
        )
        if self.failure is not None and self.failure.hop == "invoiced":
            mended = self._repair(fact, self.failure, roots, events)
            if mended is None:
                return []
            fact = mended
        if self.fault == "retry_heals" and world.rng.random() < 0.5:
            error = ("SSS_REQUEST_LIMIT_EXCEEDED", "Script Execution Request Limit Exceeded")
            world.tell(replace(fact, outcome="retrying", error=error, money=None))
            fact = replace(fact, at=fact.at + world.minutes(1, 4), attempt=2)
        invoice = Invoice(fact, roots, [event.key for event in events])
        if self.fault == "split_invoice":
            return self._split(invoice, events)
        if self.fault == "double_post_unacknowledged":
            self._time_out(events[0], fact)
        return self.ledger.post(invoice, self.fault)

    def _split(self, invoice: Invoice, events: list[BillingEvent]) -> list[Invoice]:
        """The customer pays from two cost centres: two invoices, each for its share of the work."""
        shares = [cents(event.amount * Decimal("0.6")) for event in events]
        rests = [event.amount - share for event, share in zip(events, shares, strict=True)]
        standing: list[Invoice] = []
        for suffix, parts in (("", shares), ("S", rests)):
            links = tuple(
                Link(event.key, amount=part) for event, part in zip(events, parts, strict=True)
            )
            money = Money(sum(parts, Decimal("0.00")), self.currency, "billed")
            fact = replace(invoice.fact, links=links, money=money)
            fact = replace(fact, key=("invoice", f"{fact.key[1]}{suffix}"))
            # Both are saved in one call, so that nobody ever sees one of them alone.
            fact = replace(fact, idempotency=f"{fact.idempotency}{suffix}", lag=_TOGETHER)
            standing += self.ledger.post(replace(invoice, fact=fact), "split_invoice")
        keys = [one.key for one in standing]
        why = "two cost centres of the customer, whose shares add up"
        self.world.near_miss("split_invoice", why, invoice.fact.at, *keys)
        return standing

    def _time_out(self, event: BillingEvent, posting: Fact) -> None:
        """The middleware hears no answer, sends again, and takes the second answer as it is."""
        failed = Fact(
            MIDDLEWARE, event.key, "sent", posting.at + timedelta(seconds=121), self.context,
            error=("HTTP:TIMEOUT", "POST to the ERP timed out after 120000 milliseconds"),
            outcome="failed",
        )  # fmt: skip
        told = self.world.tell(failed)
        again = replace(failed, at=failed.at + timedelta(minutes=9), outcome="ok", error=None)
        settled = self.world.tell(replace(again, attempt=2))
        amount = sum((root.amount for root in event.roots), Decimal("0.00"))
        seeded = Seeded(
            self.fault,
            "failed_event",
            "timeout",
            (event.key,),
            failed.at,
            tuple(event.roots),
            amount,
        )
        seeded = replace(self._sized(seeded), source=MIDDLEWARE, stage="sent", consequence=True)
        self.world.seed(told, replace(seeded, status="resolved" if settled else "open"))

    def _by_hand(self, made: list[BillingEvent]) -> list[Invoice]:
        """Somebody keyed the invoice into the ERP; the middleware never saw it."""
        invoices: list[Invoice] = []
        if made:
            for event in made:
                event.at += timedelta(minutes=30)
            invoices = self._invoice(made, "", "A")
        for invoice in invoices:
            for stage in ("published", "mapped"):
                self._seed_skipped(invoice, stage)
        return invoices

    def _seed_skipped(self, invoice: Invoice, stage: str) -> None:
        for root in invoice.roots:
            seeded = Seeded(
                self.fault, "conformance", "skipped_stage", (root.key,), invoice.fact.at, (root,)
            )
            self.world.seed(True, replace(self._sized(seeded), amount=root.amount, stage=stage))

    def _seed_late(self, event: BillingEvent, told: bool) -> None:
        seeded = Seeded(
            self.fault, "sla_breach", "late", (event.key,), event.at, tuple(event.roots)
        )
        seeded = replace(self._sized(seeded), amount=event.amount, stage="mapped")
        self.world.seed(told, replace(seeded, source=MIDDLEWARE, status="resolved"))

    def _leave_unbilled(self, roots: list[Root], at: datetime) -> None:
        for root in roots:
            seeded = Seeded(self.fault, "sla_breach", "overdue", (root.key,), at, (root,))
            seeded = replace(self._sized(seeded), amount=root.amount, stage="billed", source=PSA)
            self.world.seed(bool(root.stages), seeded)
            self._missed_close(seeded, [])

    def _overdue(self, event: BillingEvent, stage: str, at: datetime) -> None:
        seeded = Seeded(self.fault, "sla_breach", "overdue", (event.key,), at, tuple(event.roots))
        source = MIDDLEWARE if stage == "mapped" else PSA
        seeded = replace(self._sized(seeded), amount=event.amount, stage=stage, source=source)
        self.world.seed(True, seeded)
        self._missed_close(seeded, [event])

    def _repair(
        self, fact: Fact, failure: Failure, roots: list[Root], stuck: list[BillingEvent]
    ) -> Fact | None:
        """The fact fails, and as it goes through later; None when nobody repairs it."""
        busy = self.world.busy
        wait = busy.repaired(self.cycle, fact.at) if busy is not None else None
        if wait is None:
            self._fail(fact, failure, roots, stuck)
            return None
        mended = replace(fact, at=fact.at + wait, attempt=2)
        self._fail(fact, failure, roots, None if mended.at <= self.world.now else stuck)
        return mended

    def _fail(
        self, fact: Fact, failure: Failure, roots: list[Root], stuck: list[BillingEvent] | None
    ) -> None:
        """The fact fails; `stuck` are the billing events that wait for it, None when it heals."""
        words = {"entity": self.context["legal_entity"], "period": self.cycle.period.name}
        message = failure.message.format(**{**self.context, **words})
        failed = replace(fact, outcome="failed", error=(failure.code, message))
        told = self.world.reach(roots, "", failed)
        amount = sum((root.amount for root in roots), Decimal("0.00"))
        seeded = Seeded(
            self.fault, "failed_event", failure.subkind, (fact.key,), fact.at, tuple(roots), amount
        )
        seeded = replace(self._sized(seeded), source=fact.source, stage=failure.hop)
        if stuck is None:
            self.world.seed(told, replace(seeded, status="resolved"))
            return
        self.world.seed(told, seeded)
        self._missed_close(seeded, stuck)

    def _missed_close(self, cause: Seeded, events: list[BillingEvent]) -> None:
        """What is stuck when the books of its period close has missed the close as well: the
        billing events that wait for their invoice, or the work itself when it is not billed.
        """
        close = self.cycle.period.books_close
        missed = replace(cause, subkind="cutoff", kind="sla_breach", when=close, stage="invoiced")
        missed = replace(missed, consequence=True)
        stuck: list[tuple[Key, list[Root], Decimal]] = [
            (event.key, event.roots, event.amount) for event in events
        ]
        if not events:
            stuck = [(root.key, [root], root.amount) for root in cause.roots]
        for key, roots, amount in stuck:
            found = replace(missed, objects=(key,), roots=tuple(roots), amount=amount)
            self.world.seed(close <= self.world.now, found)

    def _sized(self, seeded: Seeded) -> Seeded:
        return replace(seeded, currency=self.currency, process=self.cycle.process)
