"""What events say by themselves: objects with their aliases, links, reversals, open failures.

Nothing here knows of stages or clocks; the only thing taken from a process is the order of its
types, for correlated links. An object is a class of aliases, written as a pair (type, smallest id).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lineage.process import Process

Event = Mapping[str, Any]
Object = tuple[str, str]

# Strongest first.
GRADES = ("asserted", "alias", "correlated", "inferred")
WALKED = ("from", "amends", "reverses")
PAIRS_MAX = 10_000
ENDINGS = ("rejected", "reversed", "cancelled")


@dataclass(frozen=True)
class Taking:
    """What one object takes off another: no amount is all of it, no currency is the other's."""

    by: Object
    of: Object
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Link:
    """`down` was made from, amends or reverses `up`; a correlated link reads as `from`."""

    up: Object
    down: Object
    relation: str
    grade: str
    amount: Decimal | None = None


def key(thing: Object) -> str:
    """The key string `type/id`."""
    return f"{thing[0]}/{thing[1]}"


def in_bytes(text: str) -> bytes:
    """What texts are compared by: their UTF-8 bytes."""
    return text.encode()


def order(event: Event) -> tuple[Any, ...]:
    """The one order of events; arrival plays no part in it."""
    return (
        event["occurred_at"],
        in_bytes(event["source"]),
        in_bytes(event["event_id"]),
        event["content_hash"],
    )


class Facts:
    """Everything that a set of events says, whatever order they are given in."""

    def __init__(self, events: Iterable[Event], sources: Mapping[str, str]) -> None:
        # The same identity with the same content is the same event, however often it is told.
        told = {(e["source"], e["event_id"], e["content_hash"]): e for e in events}
        self.events = sorted(told.values(), key=order)
        self.sources = sources
        self.names = self._classes()
        self._class_of = {name: smallest for smallest, all_ in self.names.items() for name in all_}
        self.events_of: dict[Object, list[Event]] = {thing: [] for thing in self.names}
        for event in self.events:
            self.events_of[self.object_of(event)].append(event)
        self.asserted = self._asserted_links()
        self.takings = [
            taking
            for by in self.names
            for of in self.names
            if by != of and (taking := self._taking(by, of)) is not None
        ]
        self.reversed_by_link = self._reversed_by_link()
        self.reversed_by_event = {
            thing
            for thing in self.names
            if any(e["action"] == "reversed" for e in self.ok_events(thing))
        }
        self.failing = {thing for thing in self.names if self._has_open_failure(thing)}

    def object_of(self, event: Event) -> Object:
        return self._class_of[(event["object_type"], event["object_id"])]

    def class_of(self, type_: str, id_: str) -> Object:
        return self._class_of[(type_, id_)]

    def ok_events(self, thing: Object) -> list[Event]:
        return [event for event in self.events_of[thing] if event["outcome"] == "ok"]

    def role(self, event: Event) -> str:
        return self.sources.get(event["source"], "unknown")

    def money(self, thing: Object) -> tuple[Decimal | None, str]:
        """Amount and currency of the latest ok event that carries money."""
        for event in reversed(self.ok_events(thing)):
            if event.get("amount") is not None:
                return event["amount"], event.get("currency", "")
        return None, ""

    def context(self, thing: Object, field: str) -> str:
        """From the latest event, of whatever outcome, that has the field."""
        for event in reversed(self.events_of[thing]):
            if event.get(field):
                return str(event[field])
        return ""

    def version_of(self, contract: str, at: datetime | None) -> str:
        """The version of a contract in force at an instant: the last to have come into force by
        then, each by the contract's first ok activated or amended event that carries it.
        """
        thing = self._class_of.get(("contract", contract))
        since: dict[str, tuple[datetime, bytes]] = {}
        for event in self.ok_events(thing) if thing else ():
            version = event.get("contract_version", "")
            if version and event["action"] in ("activated", "amended"):
                began = (event["occurred_at"], in_bytes(event["event_id"]))
                since[version] = min(since.get(version, began), began)
        known = [(began, version) for version, began in since.items() if at and began[0] <= at]
        return max(known)[1] if known else ""

    def made_from(self, thing: Object) -> frozenset[Object]:
        """The objects that its events say it is made from."""
        return frozenset(
            link.up for link in self.asserted if link.down == thing and link.relation == "from"
        )

    def correlated(self, process: Process, objects_max: int, pairs_max: int) -> set[Link]:
        """The links that correlation ids make in one process."""
        carriers = self._carriers(process.types)
        links: set[Link] = set()
        for carrying in carriers.values():
            pairs = {
                (up, down)
                for down in carrying
                for up in _nearest_earlier(down, carrying, process.types)
            }
            # Counted before asserted links block some: an id does not become sound by them.
            if len(carrying) <= objects_max and len(pairs) <= pairs_max:
                links |= {
                    Link(up, down, "from", "correlated")
                    for up, down in pairs
                    if not self._is_placed(down, process.types)
                }
        return links

    def _carriers(self, types: tuple[str, ...]) -> dict[str, set[Object]]:
        """The objects of the process's types that carry each correlation id."""
        carriers: dict[str, set[Object]] = {}
        for event in self.events:
            if event.get("correlation_id") and event["object_type"] in types:
                carriers.setdefault(event["correlation_id"], set()).add(self.object_of(event))
        return carriers

    def _is_placed(self, thing: Object, types: tuple[str, ...]) -> bool:
        """Whether its own events already say what earlier object of the process it is made from."""
        earlier = types[: types.index(thing[0])]
        return any(up[0] in earlier for up in self.made_from(thing))

    def _classes(self) -> dict[Object, set[Object]]:
        """Every object that is seen or named, by its smallest name, with all its names."""
        mentioned: list[tuple[Object, Object | None]] = []
        for event in self.events:
            this = (event["object_type"], event["object_id"])
            mentioned.append((this, None))
            for type_, id_, relation, _amount in event.get("links", ()):
                same = relation == "same_as" and type_ == this[0]
                mentioned.append(((type_, id_), this if same else None))
        groups: list[set[Object]] = []
        for thing, same in mentioned:
            wanted = {thing} if same is None else {thing, same}
            touching = [group for group in groups if group & wanted]
            groups = [group for group in groups if not group & wanted]
            groups.append(wanted.union(*touching))
        return {min(group, key=lambda thing: in_bytes(thing[1])): group for group in groups}

    def _asserted_links(self) -> set[Link]:
        found: dict[tuple[Object, Object, str], Decimal | None] = {}
        for event in self.events:
            down = self.object_of(event)
            said: dict[tuple[Object, Object, str], Decimal | None] = {}
            for type_, id_, relation, amount in event.get("links", ()):
                up = self.class_of(type_, id_)
                if relation in WALKED and up != down:
                    before = said.get((up, down, relation))
                    parts = [part for part in (before, amount) if part is not None]
                    said[(up, down, relation)] = sum(parts, Decimal(0)) if parts else None
            # The last event that says so counts; its lines to the same object add up.
            found |= said
        return {
            Link(up, down, relation, self._grade(up, down), amount)
            for (up, down, relation), amount in found.items()
        }

    def _grade(self, up: Object, down: Object) -> str:
        return "alias" if len(self.names[up]) > 1 or len(self.names[down]) > 1 else "asserted"

    def credits(self) -> list[Taking]:
        """What memos take off objects in part, in the currency of those."""
        gone = self.reversed_by_link | self.reversed_by_event
        standing = [taking for taking in self.takings if taking.by not in self.reversed_by_link]
        takers = {taking.by for taking in standing}
        return [
            taking
            for taking in standing
            # What was made from a memo repeats it.
            if not self.made_from(taking.by) & takers
            and taking.of not in gone
            and taking.amount
            and self.money(taking.of)[0] is not None
            and taking.currency in ("", self.money(taking.of)[1])
        ]

    def _taking(self, by: Object, of: Object) -> Taking | None:
        """As the latest ok event of an object that reverses the other says, unless the object was
        rejected, reversed or cancelled in that event or since.
        """
        oks = self.ok_events(by)
        for place, event in reversed(list(enumerate(oks))):
            amounts = [
                amount if amount is not None else event.get("amount")
                for type_, id_, relation, amount in event.get("links", ())
                if relation == "reverses" and self.class_of(type_, id_) == of
            ]
            if not amounts:
                continue
            if any(later["action"] in ENDINGS for later in oks[place:]):
                return None
            known = [abs(amount) for amount in amounts if amount is not None]
            whole = len(known) < len(amounts)
            amount = None if whole else sum(known, Decimal(0))
            return Taking(by, of, amount, event.get("currency", ""))
        return None

    def _reversed_by_link(self) -> set[Object]:
        """Whom others reverse. One that is reversed itself reverses nobody: guess that none is, and
        better the guess until it stays. In a ring all of them stay.
        """
        guess = self._reversed_unless(set())
        while (better := self._reversed_unless(self._reversed_unless(guess))) != guess:
            guess = better
        return guess

    def _reversed_unless(self, disregarded: set[Object]) -> set[Object]:
        """Those of whom the others, but for some, take all there is."""
        found = set()
        for thing in self.names:
            own, currency = self.money(thing)
            takings = [
                taking
                for taking in self.takings
                if taking.of == thing and taking.by not in disregarded
            ]
            if own is None or any(taking.amount is None for taking in takings):
                enough = bool(takings)
            else:
                fit = [each.amount for each in takings if each.currency in ("", currency)]
                enough = bool(fit) and sum(map(abs, filter(None, fit)), Decimal(0)) >= abs(own)
            if enough:
                found.add(thing)
        return found

    def _has_open_failure(self, thing: Object) -> bool:
        return any(
            event["outcome"] == "failed" and not self._is_settled(thing, event)
            for event in self.events_of[thing]
        )

    def _is_settled(self, thing: Object, failed: Event) -> bool:
        for ok in self.events:
            if ok["outcome"] != "ok" or ok["action"] != failed["action"]:
                continue
            if ok["occurred_at"] < failed["occurred_at"]:
                continue
            other = self.object_of(ok)
            if other == thing:
                return True
            if other[0] != thing[0]:
                continue
            if failed.get("idempotency_key") and (
                ok.get("idempotency_key") == failed["idempotency_key"]
            ):
                return True
            if self.made_from(thing) and self.made_from(other) == self.made_from(thing):
                return True
        return False


def _nearest_earlier(down: Object, carrying: set[Object], types: tuple[str, ...]) -> set[Object]:
    for type_ in reversed(types[: types.index(down[0])]):
        found = {thing for thing in carrying if thing[0] == type_}
        if found:
            return found
    return set()
