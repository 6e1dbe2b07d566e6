"""Controls in a few lines of Python and Decimal: what DESIGN section 7 says, one object at a time.

Nothing is kept and nothing is incremental. A balance is not summed up from its changes, as the
engine does, but asked of every object at the end of every period.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from core.calendar import Calendars
from lineage.control import Control, Money, Side, Term
from tests.model.facts import Event, Facts, Object, key, order

ENDINGS = ("rejected", "reversed", "cancelled")
NOTHING = Decimal(0)


class Grain(NamedTuple):
    contract: str
    currency: str
    legal_entity: str


# (grain, period) -> object -> what it counts there.
Lines = dict[tuple[Grain, str], dict[Object, Decimal]]


class Books:
    """Events, as somebody would add them up who has all the time in the world."""

    def __init__(
        self,
        events: Iterable[Event],
        sources: Mapping[str, str],
        calendars: Calendars,
        *,
        alone: bool = False,
    ) -> None:
        """`alone`: without lineage, which tells who is reversed by others and takes nothing off."""
        self.facts = Facts(events, sources)
        self.void = set() if alone else self.facts.reversed_by_link
        self.calendars = calendars

    def rows(self, controls: Iterable[Control]) -> dict[tuple[str, int, Grain, str], Any]:
        """(left, right, breaks) by control, side, grain and period."""
        found = {}
        for control in controls:
            for number, right in enumerate(control.rights, start=1):
                for (grain, period), told in self._side_rows(control, control.left, right).items():
                    found[(control.name, number, grain, period)] = told
        return found

    def lines(self, money: Money) -> Lines:
        """What every object counts, of money that moves."""
        found: Lines = {}
        for thing in self.facts.names:
            for place, amount in self._counted(thing, money):
                found.setdefault(place, {})[thing] = amount
        return found

    # --- one pair of sides ------------------------------------------------------------------------

    def _side_rows(self, control: Control, left: Side, right: Side) -> dict[Any, Any]:
        terms = [part for side in (left, right) for part in (side.term, side.less) if part]
        places = {place for term in terms for place in self._places(term.money)}
        homes = self._homes()
        periods: dict[Grain, set[str]] = {}
        members: dict[Grain, set[Grain]] = {}
        for grain, period in places:
            home = homes(grain)
            periods.setdefault(home, set()).add(period)
            members.setdefault(home, set()).add(grain)
        found = {}
        for home, known in periods.items():
            grains = members[home]
            shown = {max(known)} if control.periods == "latest" else known
            if control.only_known and not any(
                grain in grains for grain, _ in self._places(right.term.money)
            ):
                continue
            for period in shown:
                lefts, rights = (self._value(side, grains, period) for side in (left, right))
                off = lefts - rights
                off = {"eq": abs(off), "le": off, "ge": -off}[control.compare]
                found[(home, period)] = (lefts, rights, off > Decimal("0.01"))
        return found

    def _homes(self) -> Any:
        """Money without a legal entity belongs to the only one of its contract."""
        entities: dict[str, set[str]] = {}
        for money in self.moneys:
            for grain, _ in self._places(money):
                entities.setdefault(grain.contract, set()).add(grain.legal_entity)

        def home(grain: Grain) -> Grain:
            known = entities.get(grain.contract, set()) - {""}
            alone = not grain.legal_entity and grain.contract and len(known) == 1
            return grain._replace(legal_entity=next(iter(known))) if alone else grain

        return home

    moneys: tuple[Money, ...] = ()

    def _value(self, side: Side, grains: set[Grain], period: str) -> Decimal:
        value = self._sum(side.term, grains, period)
        return value - self._sum(side.less, grains, period) if side.less else value

    def _sum(self, term: Term, grains: set[Grain], period: str) -> Decimal:
        if term.money.balance:
            return sum((self._stands(term.money, grain, period) for grain in grains), NOTHING)
        return sum(
            (
                amount
                for (grain, at), objects in self.lines(term.money).items()
                for amount in objects.values()
                if grain in grains
                and (
                    term.kind == "total"
                    or at == period
                    or (term.kind == "cumulative" and at <= period)
                )
            ),
            NOTHING,
        )

    def _places(self, money: Money) -> set[tuple[Grain, str]]:
        """Every grain and period that such money has anything to say of."""
        if not money.balance:
            return set(self.lines(money))
        found: set[tuple[Grain, str]] = set()
        for thing in self.facts.names:
            before = None
            for period, (grain, _) in sorted(self._words(thing, money).items()):
                found |= {(each, period) for each in (grain, before) if each is not None}
                before = grain
        return found

    # --- one object -------------------------------------------------------------------------------

    def _told(self, thing: Object, money: Money) -> list[Event]:
        return [
            event
            for event in self.facts.ok_events(thing)
            if event["measure"] == money.measure
            and event["action"] not in ENDINGS
            and event["amount"] is not None
            and self.facts.role(event) in money.roles
        ]

    def _counted(self, thing: Object, money: Money) -> Iterable[tuple[Any, Decimal]]:
        told = self._told(thing, money)
        if not told:
            return
        event, amount = told[-1], told[-1]["amount"]
        memo = thing[0] == "credit_memo"
        if (memo or amount < 0) and any(
            relation == "reverses"
            for each in self.facts.ok_events(thing)
            for _, _, relation, _ in each["links"]
        ):
            return
        amount = -abs(amount) if memo else amount
        place = self._grain(thing, event), self._period(thing, event)
        yield place, self._left_of(thing, event, amount, money)

    def _left_of(self, thing: Object, event: Event, amount: Decimal, money: Money) -> Decimal:
        ends = [each for each in self.facts.ok_events(thing) if each["action"] in ENDINGS]
        taken = [told for by in self.facts.names if (told := self._takes(by, thing)) is not None]
        same = ("", event["currency"])
        parts = [abs(part) for part, known in taken if part is not None and known in same]
        off = sum(parts, NOTHING)
        whole = any(part is None for part, _ in taken) or (off > 0 and off >= abs(amount))
        if whole or any(order(each) > order(event) for each in ends):
            return NOTHING
        if money.credits == "kept":
            return amount
        return amount - off if amount >= 0 else amount + off

    def _takes(self, by: Object, thing: Object) -> tuple[Decimal | None, str] | None:
        """What one object takes off another, by its latest ok event that does."""
        if by == thing or by in self.void:
            return None
        ends = [order(each) for each in self.facts.ok_events(by) if each["action"] in ENDINGS]
        for event in reversed(self.facts.ok_events(by)):
            parts = [
                event["amount"] if amount is None else amount
                for type_, id_, relation, amount in event["links"]
                if relation == "reverses" and self.facts.class_of(type_, id_) == thing
            ]
            if parts:
                if any(end >= order(event) for end in ends):
                    return None
                whole = any(part is None for part in parts)
                return None if whole else sum(map(abs, parts), NOTHING), event["currency"]
        return None

    def _stands(self, money: Money, grain: Grain, period: str) -> Decimal:
        """What all objects of a grain stand at, at the end of a period."""
        total = NOTHING
        for thing in self.facts.names:
            words = [w for at, w in sorted(self._words(thing, money).items()) if at <= period]
            if words and words[-1][0] == grain:
                total += words[-1][1]
        return total

    def _words(self, thing: Object, money: Money) -> dict[str, tuple[Grain | None, Decimal]]:
        """The last word of each period on what an object stands at; ended, it stands at nothing."""
        told = self._told(thing, money)
        words: dict[str, tuple[Grain | None, Decimal]] = {}
        for event in self.facts.ok_events(thing) if told else ():
            period = self._dated(thing, event)
            if event in told:
                words[period] = (self._grain(thing, event), event["amount"])
            elif event["action"] in ENDINGS:
                words[period] = (None, NOTHING)
        return words

    def _grain(self, thing: Object, event: Event) -> Grain:
        contract = event["contract"] or self.facts.context(thing, "contract")
        return Grain(contract, event["currency"], self._entity(thing, event))

    def _entity(self, thing: Object, event: Event) -> str:
        return event["legal_entity"] or self.facts.context(thing, "legal_entity")

    def _period(self, thing: Object, event: Event) -> str:
        known = event["period"] or self.facts.context(thing, "period")
        return known or self._dated(thing, event)

    def _dated(self, thing: Object, event: Event) -> str:
        calendar = self.calendars.calendar_for(self._entity(thing, event))
        return event["period"] or calendar.period_of(event["occurred_at"]).name


def object_key(thing: Object) -> str:
    return key(thing)
