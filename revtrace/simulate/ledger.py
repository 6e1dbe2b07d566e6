"""The ERP's side: an invoice is posted, renamed, journaled, credited, paid and reported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from revtrace.simulate.answer_key import Root, Seeded
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.firm import ANALYTICS, MIDDLEWARE, NETSUITE
from revtrace.simulate.tape import Fact, Key, Link, Money, cents
from revtrace.simulate.world import World

_ALIAS_SHARE = 0.6
_LEDGER_LAG = timedelta(seconds=4)
_REVERSED_AFTER = timedelta(minutes=41)
_CENT = Decimal("0.01")
_AGAIN = ("double_post_timeout", "double_post_rerun", "double_post_unacknowledged")
_LOAD_HOUR_UTC = 3
_SPLIT_SHARE = 0.3
_PAY_DAYS = (20, 33)
# Processes that end in the ledger: no stage of theirs waits for the report.
_UNREPORTED = ("cash", "recognition")
_RECOGNIZED_LATER = ("retainer",)  # revenue comes from its schedule, not from the invoice


@dataclass
class Invoice:
    """A posted invoice, with the roots and the billing events that it bills."""

    fact: Fact
    roots: list[Root]
    events: list[Key]

    @property
    def key(self) -> Key:
        return self.fact.key

    @property
    def amount(self) -> Decimal:
        return self.fact.money.amount if self.fact.money is not None else Decimal("0.00")


class Ledger:
    """Postings of one billing cycle in the ERP of its legal entity."""

    def __init__(self, world: World, cycle: Cycle, context: dict[str, str]) -> None:
        self.world, self.cycle = world, cycle
        self.context = {**context, "actor": "svc-integration"}
        self.currency = cycle.contract.entity.currency
        self.erp = cycle.contract.entity.erp
        self._journals = 0

    def post(self, invoice: Invoice, fault: str) -> list[Invoice]:
        """Post the invoice the way the fault has it; returns those that stand."""
        world, true_amount = self.world, invoice.amount
        invoice.fact = replace(invoice.fact, money=self._keyed_money(invoice, fault))
        # The journals follow the invoice, wrong currency included.
        self.currency = "USD" if fault == "wrong_currency" else self.currency
        self._post(invoice)
        if fault in ("rounded_amount", "lost_line", "wrong_currency"):
            off = abs(invoice.amount - true_amount)
            broken = self._found(invoice, fault, ("value_break", ""), off)
            if fault == "wrong_currency":
                # What is missing is missing in the currency of the contract.
                own = self.cycle.contract.entity.currency
                broken = replace(broken, amount=true_amount, currency=own)
            world.seed(True, broken)
        if fault == "invoiced_too_soon":
            early = self._found(invoice, fault, ("conformance", "out_of_order"), true_amount)
            world.seed(True, early)
        if fault == "stale_terms":
            stale = self._found(invoice, fault, ("conformance", "stale_terms"), true_amount)
            world.seed(True, replace(stale, consequence=True))
        if fault == "credit_and_rebill":
            return [self._credit_and_rebill(invoice)]
        standing = [invoice]
        if fault in _AGAIN:
            standing.append(self._post_again(invoice, fault))
        if fault == "rounded_by_a_cent":
            why = "the tax engine rounds each line: one cent, within the tolerance"
            world.near_miss(fault, why, invoice.fact.at, invoice.key)
        if fault == "double_post_reversed":
            self._post_and_reverse(invoice)
        for one in standing:
            self._journal_all(one, fault)
        if fault == "part_credited":
            memo = self._credit(invoice, cents(invoice.amount * Decimal("0.05")))
            world.near_miss(fault, "agreed discount", invoice.fact.at, invoice.key, memo)
        self._pay(invoice)
        return standing

    def _keyed_money(self, invoice: Invoice, fault: str) -> Money:
        amount, currency = invoice.amount, self.currency
        if fault == "rounded_amount":
            whole = amount.quantize(Decimal(1), rounding=ROUND_DOWN)
            # An amount that is whole, but for a cent which is rounding, is cut at the tens, as by a
            # bad number format.
            amount = whole if amount - whole > _CENT else amount - 10
        elif fault == "lost_line":
            amount = sum((root.amount for root in invoice.roots[1:]), Decimal("0.00"))
        elif fault == "wrong_currency":
            currency = "USD"
        elif fault == "rounded_by_a_cent":
            amount += Decimal("0.01")
        return Money(amount, currency, "billed")

    def _post(self, invoice: Invoice) -> bool:
        world, fact = self.world, invoice.fact
        draft = replace(fact, action="created", at=fact.at - world.minutes(1, 5), money=None)
        world.reach(invoice.roots, "", replace(draft, attempt=1))
        told = world.reach(invoice.roots, "invoiced", fact)
        if world.rng.random() < _ALIAS_SHARE:
            number = f"{self.cycle.contract.number:05}{self.cycle.index:02}{fact.key[1][-1]}"
            prefix = "internal-" if self.erp == NETSUITE else "voucher-"
            alias = (Link(("invoice", prefix + number + fact.key[1][0]), "same_as"),)
            numbered = replace(fact, action="numbered", at=fact.at + timedelta(seconds=2))
            world.tell(replace(numbered, links=alias, money=None, idempotency="", attempt=1))
        return told

    def _post_again(self, invoice: Invoice, fault: str) -> Invoice:
        """The same work under a second number: the first answer was lost, or somebody reran it."""
        world, first = self.world, invoice.fact
        key = ("invoice", f"{first.key[1]}-2")
        again = replace(first, key=key, at=first.at + world.minutes(3, 6))
        if fault == "double_post_timeout":
            error = ("HTTP:TIMEOUT", "No response from the ERP within 120000 ms")
            called = replace(first, source=MIDDLEWARE, outcome="retrying", money=None)
            world.tell(replace(called, at=first.at + timedelta(minutes=2), error=error))
        else:
            # Whoever sends again without knowing of the first one makes a key of its own.
            idempotency = f"{first.idempotency}-rerun"
            wait = world.minutes(25, 55) if fault == "double_post_rerun" else world.minutes(4, 9)
            again = replace(again, at=first.at + wait, idempotency=idempotency)
        second = Invoice(again, invoice.roots, invoice.events)
        told, pair = self._post(second), (invoice.key, key)
        if told:
            twice = self._found(second, fault, ("duplicate", "posting"), invoice.amount)
            self._twice(replace(twice, objects=pair))
        return second

    def _post_and_reverse(self, invoice: Invoice) -> None:
        """Billing saw the second number within the hour and reversed it, ledger included."""
        world, first = self.world, invoice.fact
        key = ("invoice", f"{first.key[1]}-2")
        again = replace(first, key=key, at=first.at + world.minutes(5, 15))
        told = world.tell(again)
        entry, posted = self.journal([], invoice.amount, again.at + timedelta(minutes=2),
                                     ((Link(key),), ""))  # fmt: skip
        for one, seen in ((key, told), (entry, posted)):
            for root in invoice.roots if seen else ():
                root.touch(one)
            world.tell(Fact(self.erp, one, "reversed", again.at + _REVERSED_AFTER, self.context))
        at = again.at + _REVERSED_AFTER
        world.near_miss("double_post_reversed", "the second one is reversed", at, first.key, key)

    def _journal_all(self, invoice: Invoice, fault: str) -> None:
        """One or two postings that add up to the invoice, soon after it."""
        world = self.world
        if fault == "not_posted":
            due = invoice.fact.at + timedelta(days=1)
            overdue = self._found(invoice, fault, ("sla_breach", "overdue"), invoice.amount)
            world.seed(True, replace(overdue, when=due))
            return
        at = invoice.fact.at + world.minutes(3, 55)
        if fault == "slow_posting":
            at += timedelta(days=5)
        parts = [invoice.amount]
        if not fault and world.rng.random() < _SPLIT_SHARE:
            share = cents(invoice.amount * Decimal("0.6"))
            parts = [share, invoice.amount - share]
        if fault == "double_journal":
            parts = parts * 2
        links: tuple[Link, ...] = (Link(invoice.key),)
        if not invoice.fact.links and world.rng.random() < 0.5:
            links = ()
        told, keys = False, []
        for part in parts:
            key, told = self.journal(invoice.roots, part, at, (links, invoice.fact.correlation))
            keys.append(key)
        if fault == "double_journal" and told:
            pair = tuple(keys)
            twice = self._found(invoice, fault, ("duplicate", "posting"), invoice.amount)
            self._twice(replace(twice, objects=pair, when=at))
        self._note_unsupported(invoice, keys, fault)
        if fault == "slow_posting" and told:
            late = self._found(invoice, fault, ("sla_breach", "late"), invoice.amount)
            late = replace(late, objects=(keys[0],), when=at, status="resolved")
            world.seed(True, late)

    def _note_unsupported(self, invoice: Invoice, keys: list[Key], fault: str) -> None:
        """Revenue recognized on time that nobody has approved has no evidence behind it."""
        without = [root for root in invoice.roots if "approved" not in root.stages]
        if fault != "not_approved" or not without:
            return
        amount = sum((root.amount for root in without), Decimal("0.00"))
        for key in keys:
            found = self._found(invoice, fault, ("conformance", "no_evidence"), amount)
            found = replace(found, objects=(key,), roots=tuple(without), stage="posted")
            self.world.seed(True, replace(found, consequence=True))

    def journal(
        self,
        roots: list[Root],
        amount: Decimal,
        at: datetime,
        origin: tuple[tuple[Link, ...], str],
        measure: str | None = None,
    ) -> tuple[Key, bool]:
        """Post one journal and load it into the warehouse in the next night."""
        self._journals += 1
        kind = "X" if self.cycle.process == "expenses" else "E"
        key = ("journal_posting", f"J{kind}-{self.cycle.name}-{self._journals:02}")
        if measure is None:
            measure = "" if self.cycle.process in _RECOGNIZED_LATER else "recognized"
        money = Money(amount, self.currency, measure)
        links, correlation = origin
        fact = Fact(
            self.erp, key, "posted", at, self.context, money, links, correlation=correlation
        )
        # A transaction's postings become known together, so that half of one is never seen.
        told = self.world.reach(roots, "posted", replace(fact, lag=_LEDGER_LAG))
        load = at.replace(hour=_LOAD_HOUR_UTC, minute=0, second=0) + timedelta(days=1)
        load += self.world.minutes(0, 40)
        if load < self.world.loads_end:
            plain = replace(fact, source=ANALYTICS, action="reported", at=load, links=())
            context = {**self.context, "actor": "nightly-load"}
            plain = replace(plain, event_id=None, correlation="", context=context)
            reporting = [root for root in roots if root.process not in _UNREPORTED]
            money = replace(money, measure="")
            self.world.reach(reporting, "reported", replace(plain, money=money))
        return key, told

    def _credit_and_rebill(self, invoice: Invoice) -> Invoice:
        """The address was wrong: full credit, new invoice, everything within the hour."""
        world, first = self.world, invoice.fact
        journal, _ = self.journal(
            invoice.roots, invoice.amount, first.at + timedelta(minutes=4),
            ((Link(first.key),), first.correlation),
        )  # fmt: skip
        reversed_at = first.at + timedelta(minutes=32)
        for key in (first.key, journal):
            world.tell(Fact(self.erp, key, "reversed", reversed_at, self.context))
        for root in invoice.roots if reversed_at <= world.now else ():
            # What was reversed does not count for a stage.
            for stage in ("invoiced", "posted", "reported"):
                root.stages.pop(stage, None)
        memo = self._credit(invoice, invoice.amount)
        key = ("invoice", f"{first.key[1]}R")
        again = replace(first, key=key, at=first.at + timedelta(minutes=50), correlation="")
        again = replace(again, idempotency=f"{first.idempotency}-rebill")
        second = Invoice(again, invoice.roots, invoice.events)
        self._post(second)
        world.near_miss("credit_and_rebill", "first one reversed", again.at, first.key, memo, key)
        self._journal_all(second, "credit_and_rebill")
        self._pay(second)
        return second

    def _credit(self, invoice: Invoice, amount: Decimal) -> Key:
        """A credit memo; it is a root of its own and lies on the path of what it credits."""
        first = invoice.fact
        key = ("credit_memo", f"CM-{first.key[1]}")
        memo = Root(key, "credits", amount, self.currency)
        at = first.at + timedelta(minutes=20)
        reverses = (Link(first.key, "reverses", amount),)
        fact = Fact(
            self.erp, key, "approved", at, self.context, Money(amount, self.currency), reverses
        )
        if self.world.reach([memo], "approved", fact):
            for root in invoice.roots:
                root.touch(key)
        posted = replace(fact, action="posted", at=at + timedelta(minutes=10))
        self.world.reach([memo], "issued", posted)
        at += timedelta(minutes=15)
        posting, told = self.journal([memo], amount, at, ((Link(key),), ""), measure="")
        for root in invoice.roots if told else ():
            # It is on their paths, and counts for none of their stages.
            root.touch(posting)
        self.world.key.path(memo)
        return key

    def _pay(self, invoice: Invoice) -> None:
        """The customer pays after some weeks; the payment is the root of the cash process."""
        world = self.world
        day = invoice.fact.at + timedelta(days=world.rng.randint(*_PAY_DAYS))
        while day.weekday() > 4:
            day += timedelta(days=1)
        at = day.replace(hour=13) + world.minutes(0, 50)
        root = Root(("payment", f"PAY-{invoice.key[1]}"), "cash", invoice.amount, self.currency)
        part_of = (Link(invoice.key, "part_of"),)
        money = Money(invoice.amount, self.currency, "collected")
        # Cash belongs to the period in which it comes, not to that of the invoice.
        context = {**self.context, "period": world.quarter.period_of(at.date()).name}
        fact = Fact(self.erp, root.key, "received", at, context, money, part_of)
        world.reach([root], "received", fact)
        applied = replace(fact, action="applied", at=at + world.minutes(5, 60))
        world.reach([root], "applied", applied)
        posted_at = applied.at + world.minutes(2, 20)
        self.journal([root], invoice.amount, posted_at, ((Link(root.key),), ""), measure="")
        world.key.path(root)

    def _found(
        self, invoice: Invoice, fault: str, finding: tuple[str, str], amount: Decimal
    ) -> Seeded:
        """The entry of the answer key for what is wrong with an invoice or its journals."""
        in_ledger = ("double_journal", "not_posted", "slow_posting")
        return Seeded(
            fault=fault,
            kind=finding[0],
            subkind=finding[1],
            objects=(invoice.key,),
            when=invoice.fact.at,
            roots=tuple(invoice.roots),
            amount=amount,
            currency=self.currency,
            stage="posted" if fault in in_ledger else "invoiced",
            process=self.cycle.process,
            source=self.erp,
        )

    def _twice(self, twice: Seeded) -> None:
        """What is posted twice also breaks the value of its hop."""
        self.world.seed(True, twice)
        smallest = min(twice.objects, key=lambda key: key[1].encode())
        broken = replace(twice, kind="value_break", subkind="", objects=(smallest,))
        self.world.seed(True, replace(broken, consequence=True))
