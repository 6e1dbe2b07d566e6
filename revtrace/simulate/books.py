"""What the simulated systems have on their books, and what a controller finds when comparing them.

Every system keeps its documents; a document has one amount, and a reversed one is struck out. At
the end the books of two systems are laid side by side, contract by contract and period by period,
with pencil and paper: which documents each has, and which fault is to blame for what is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from revtrace.simulate.faults import FAILURES
from revtrace.simulate.firm import CRM, DYNAMICS, EXPENSE, HCM, NETSUITE, PSA
from revtrace.simulate.tape import Fact, Key, cents

ERP = (NETSUITE, DYNAMICS)
DELIVERY = (PSA, HCM, EXPENSE)
_UNBILLED = (
    "not_billed",
    "usage_pricing",
    *(name for name, it in FAILURES.items() if it.hop == "billed"),
)
_STOPPED = (
    *("lost_in_queue", "lost_long_ago", "not_published", "slow_queue"),
    *(name for name, it in FAILURES.items() if it.hop != "billed"),
)
_POSTED_TWICE = (
    *("double_post_timeout", "double_post_rerun", "double_post_unacknowledged"),
    "manual_invoice",
)
_WITHOUT_BILL = ("double_journal", "manual_journal", "recognized_too_soon", "recognized_wrongly")
# Which comparison a fault spoils: it keeps money from one of the two books, or enters it twice. A
# fault that is not named moves no money from where it belongs.
SPOILS: dict[str, frozenset[str]] = {
    "delivery_billed": frozenset((*_UNBILLED, "not_approved")),
    "billing_posted": frozenset(
        (*_STOPPED, *_POSTED_TWICE, "rounded_amount", "lost_line", "wrong_currency", "booked_today")
    ),
    "recognition_supported": frozenset(
        (*_POSTED_TWICE, *_WITHOUT_BILL, "not_approved", "wrong_currency")
    ),
    # An invoice that its clerk booked today is not journaled yet.
    "deferred_rollforward": frozenset(
        (*_WITHOUT_BILL, "not_posted", "slow_posting", "booked_today")
    ),
    "contract_value_agrees": frozenset(("value_mistyped", "project_twice")),
    "billing_within_contract": frozenset(("over_budget",)),
}
_NOTHING = Decimal("0.00")
_CENT = Decimal("0.01")


class Page(NamedTuple):
    """Where a document is entered: contracts have their own pages, a currency each."""

    contract: str
    currency: str
    legal_entity: str


@dataclass(frozen=True)
class Entry:
    """A document on the books of one system."""

    page: Page
    period: str
    amount: Decimal


class Books:
    """The documents of every system, by what they measure."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[Key, Entry]] = defaultdict(dict)
        # What credit memos take off an invoice: the ERP's affair, which billing never hears of.
        self._credits: dict[Key, dict[Key, Decimal]] = defaultdict(dict)
        # A deferral is a balance: what a schedule stands at when a period ends.
        self._held: dict[Page, dict[str, dict[Key, Decimal]]] = defaultdict(dict)
        # What went wrong with a contract: in a period, or (no period) with all of it.
        self._faults: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def blame(self, contract: str, period: str, fault: str) -> None:
        """A fault strikes a contract, in one period or (none given) altogether."""
        if fault:
            self._faults[contract].add((period, fault))

    def enter(self, fact: Fact, month: str) -> None:
        """A system did something to a document; `month` is its period when it names none."""
        if fact.outcome != "ok":
            return
        if fact.action in ("reversed", "rejected"):
            self._strike(fact.key)
        for link in fact.links:
            if link.relation == "reverses" and link.amount is not None:
                self._credits[link.key][fact.key] = cents(link.amount)
        if fact.money is None or not fact.money.measure:
            return
        context = fact.context
        page = Page(context["contract"], fact.money.currency, context["legal_entity"])
        period = context.get("period") or month
        amount = cents(fact.money.amount)
        if fact.money.measure == "deferred":
            self._held[page].setdefault(period, {})[fact.key] = amount
        else:
            entry = Entry(page, period, amount)
            self._entries[(fact.source, fact.money.measure)][fact.key] = entry

    def _strike(self, key: Key) -> None:
        for entries in self._entries.values():
            if key in entries:
                old = entries[key]
                entries[key] = Entry(old.page, old.period, _NOTHING)

    def compare(self) -> list[dict[str, Any]]:
        """Every comparison, as a controller would write it down: those that agree too."""
        found = [*self._by_period("delivery_billed", DELIVERY, "approved", (PSA,), "billed")]
        found += self._by_period("billing_posted", (PSA,), "billed", ERP, "billed")
        found += self._by_period("recognition_supported", ERP, "recognized", DELIVERY, "approved")
        found += self._values()
        found += self._limits()
        found += self._deferred()
        for row in found:
            row["causes"] = self._causes(row) if row["status"] == "break" else []
        return found

    def _causes(self, row: dict[str, Any]) -> list[str]:
        """The faults that strike the contract in the period, or before it where all of the past
        counts; none: the work is still on its way.
        """
        past = row["control"] in ("deferred_rollforward", "billing_within_contract")
        struck = self._faults[row["contract"]]
        return sorted(
            fault
            for period, fault in struck
            if fault in SPOILS[row["control"]]
            and (not period or period == row["period"] or (past and period < row["period"]))
        )

    def _sum(
        self, sources: Iterable[str], measure: str, *, credited: bool = False
    ) -> dict[tuple[Page, str], Decimal]:
        total: dict[tuple[Page, str], Decimal] = defaultdict(lambda: _NOTHING)
        for source in sources:
            for key, entry in self._entries[(source, measure)].items():
                off = sum(self._credits[key].values(), _NOTHING) if credited else _NOTHING
                total[(entry.page, entry.period)] += max(entry.amount - off, _NOTHING)
        return total

    def _by_period(
        self, name: str, lefts: tuple[str, ...], left: str, rights: tuple[str, ...], right: str
    ) -> Iterable[dict[str, Any]]:
        ours, theirs = self._sum(lefts, left), self._sum(rights, right)
        for page, period in sorted(ours.keys() | theirs.keys()):
            amounts = ours.get((page, period), _NOTHING), theirs.get((page, period), _NOTHING)
            off = amounts[0] - amounts[1]
            breaks = off > _CENT if name == "recognition_supported" else abs(off) > _CENT
            yield _row(name, page, period, amounts, breaks)

    def _values(self) -> Iterable[dict[str, Any]]:
        """The value of a contract in one system and in another, as they know it now."""
        crm = self._ever((CRM,), "contract_value")
        for sources in ((PSA,), ERP):
            other = self._ever(sources, "contract_value")
            for page in sorted(crm.keys() | other.keys()):
                (ours, newest), (theirs, other_newest) = (
                    known.get(page, (_NOTHING, "")) for known in (crm, other)
                )
                period = max(newest, other_newest)
                off = abs(ours - theirs) > _CENT
                yield _row("contract_value_agrees", page, period, (ours, theirs), off)

    def _ever(self, sources: tuple[str, ...], measure: str) -> dict[Page, tuple[Decimal, str]]:
        known: dict[Page, tuple[Decimal, str]] = {}
        for (page, period), amount in self._sum(sources, measure).items():
            before, newest = known.get(page, (_NOTHING, ""))
            known[page] = before + amount, max(newest, period)
        return known

    def _limits(self) -> Iterable[dict[str, Any]]:
        billed = self._sum(ERP, "billed", credited=True)
        agreed = self._sum((CRM,), "contract_value")
        for page in sorted({page for page, _ in agreed}):
            periods = {period for each, period in [*billed, *agreed] if each == page}
            value = sum((amount for (each, _), amount in agreed.items() if each == page), _NOTHING)
            for period in sorted(periods):
                so_far = _until(billed, page, period)
                over = so_far - value > _CENT
                yield _row("billing_within_contract", page, period, (so_far, value), over)

    def _deferred(self) -> Iterable[dict[str, Any]]:
        billed, recognized = self._sum(ERP, "billed"), self._sum(ERP, "recognized")
        moved = [*billed, *recognized]
        moved += [(page, period) for page, periods in self._held.items() for period in periods]
        for page, period in sorted(set(moved)):
            stands: dict[Key, Decimal] = {}
            for at, balances in sorted(self._held[page].items()):
                stands |= balances if at <= period else {}
            held = sum(stands.values(), _NOTHING)
            due = _until(billed, page, period) - _until(recognized, page, period)
            yield _row("deferred_rollforward", page, period, (held, due), abs(held - due) > _CENT)


def _until(sums: dict[tuple[Page, str], Decimal], page: Page, period: str) -> Decimal:
    parts = (amount for (each, at), amount in sums.items() if each == page and at <= period)
    return sum(parts, _NOTHING)


def _row(
    name: str, page: Page, period: str, amounts: tuple[Decimal, Decimal], breaks: bool
) -> dict[str, Any]:
    return {
        "control": name,
        **page._asdict(),
        "period": period,
        "left": str(amounts[0]),
        "right": str(amounts[1]),
        "status": "break" if breaks else "ok",
    }
