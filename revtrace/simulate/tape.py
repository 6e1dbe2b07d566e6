"""What the firm's systems said: facts become event lines, in the order in which they arrive.

The tape knows time's edge: what happens or arrives after `now` has not been said yet. It is also
where deliveries go wrong: single lines and whole batches that are sent twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import IO, Any

Key = tuple[str, str]
# What is no object of business, but what a finding may be about.
ABOUT_SENDERS = frozenset(("source", "correlation"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RESENT_SHARE = 0.004
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str
    measure: str = ""


@dataclass(frozen=True)
class Link:
    """A reference to another object, as the event of the newer one carries it."""

    key: Key
    relation: str = "from"
    amount: Decimal | None = None


@dataclass(frozen=True)
class Fact:
    """One thing that a system did to an object, before it is written as an event."""

    source: str
    key: Key
    action: str
    at: datetime
    context: Mapping[str, str] = field(default_factory=dict)
    money: Money | None = None
    links: tuple[Link, ...] = ()
    outcome: str = "ok"
    error: tuple[str, str] | None = None
    attempt: int = 1
    correlation: str = ""
    idempotency: str = ""
    version: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    event_id: str | None = ""  # "" makes one from the object, None sends the event without
    lag: timedelta | None = None  # how late it arrives; None for the usual seconds
    broken: str = ""  # the field that a faulty release writes wrongly, so that nobody can take it


@dataclass(frozen=True)
class Resend:
    """A sender that repeats everything of a window some hours later."""

    source: str
    start: datetime
    end: datetime
    after: timedelta


@dataclass
class Tally:
    """Counts and sums of what was written."""

    lines: int = 0
    duplicates: int = 0
    refused: int = 0
    without_id: int = 0
    per_source: Counter[str] = field(default_factory=Counter)
    per_outcome: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        self.lines += 1
        self.without_id += fact.event_id is None
        self.per_source[fact.source] += 1
        self.per_outcome[fact.outcome] += 1
        if fact.money is not None and fact.money.measure and fact.outcome == "ok":
            key = f"{fact.key[0]}.{fact.action}/{fact.money.measure}/{fact.money.currency}"
            self.sums[key] = self.sums.get(key, Decimal("0.00")) + fact.money.amount


class Tape:
    """Writes facts as lines; `events.ndjson` is in order of arrival once the tape is closed.

    Memory is bounded by one day of events: lines go to a file for each day of arrival and are
    sorted day by day at the end.
    """

    def __init__(
        self, folder: Path, now: datetime, rng: Random, resends: tuple[Resend, ...]
    ) -> None:
        self.now = now
        self.tally = Tally()
        self._rng = rng
        self._resends = resends
        self._folder = folder
        self._sorting = folder / ".sorting"
        self._sorting.mkdir(parents=True, exist_ok=True)
        self._buckets: dict[str, IO[str]] = {}
        self._told: Counter[str] = Counter()
        self._heard: set[Key] = set()
        # What is known of each source: the days it spoke of, and its newest word.
        self.days: dict[str, set[date]] = {}
        self.newest: dict[str, datetime] = {}

    def heard_of(self, *keys: Key) -> bool:
        """Whether every one of these objects of the present contract is in the events by now."""
        return self._heard.issuperset(key for key in keys if key[0] not in ABOUT_SENDERS)

    def tell(self, fact: Fact) -> bool:
        """Write the fact; False when it has not happened, not arrived, or cannot be taken, by now.

        Chance is drawn for it in either case, so that a later `now` shows more of the same quarter.
        """
        at = floored(fact.at)
        resent = self._rng.random() < _RESENT_SHARE, self._rng.uniform(5, 300)
        lag = fact.lag
        usual = timedelta(seconds=self._rng.uniform(0.2, 20.0))
        lag = usual if lag is None else lag
        name = self._named(fact)
        arrives = at + lag
        if at > self.now or arrives > self.now:
            return False
        line = json.dumps(self._event(fact, at, name), ensure_ascii=False, separators=(",", ":"))
        self._put(arrives, line)
        if fact.broken:
            self.tally.lines += 1
            self.tally.refused += 1
            return False
        self.tally.add(fact)
        self._heard.add(fact.key)
        self.days.setdefault(fact.source, set()).add(at.date())
        self.newest[fact.source] = max(at, self.newest.get(fact.source, at))
        for again in self._again(fact, arrives, resent):
            if again <= self.now:
                self._put(again, line)
                self.tally.lines += 1
                self.tally.duplicates += 1
        return True

    def forget(self) -> None:
        """Start numbering anew; called between contracts, whose objects are disjoint."""
        self._told.clear()
        self._heard.clear()

    def close(self) -> None:
        """Put the days together in order. The tape is done afterwards."""
        with (self._folder / "events.ndjson").open("w", encoding="utf-8") as out:
            for name in sorted(self._buckets):
                self._buckets[name].close()
                path = self._sorting / name
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                out.writelines(line.split("\t", 1)[1] for line in sorted(lines))
                path.unlink()
        self._sorting.rmdir()

    def _put(self, arrives: datetime, line: str) -> None:
        name = arrives.strftime("%Y-%m-%d")
        if name not in self._buckets:
            self._buckets[name] = (self._sorting / name).open("w", encoding="utf-8")
        # Lines end the key with a number, so that equal instants keep the order of telling.
        stamp = (arrives - _EPOCH) // timedelta(microseconds=1)
        self._buckets[name].write(f"{stamp:020} {self.tally.lines:012}\t{line}\n")

    def _again(self, fact: Fact, arrives: datetime, resent: tuple[bool, float]) -> list[datetime]:
        if resent[0]:
            return [arrives + timedelta(seconds=resent[1])]
        return [
            arrives + resend.after
            for resend in self._resends
            if resend.source == fact.source and resend.start <= arrives < resend.end
        ]

    def _event(self, fact: Fact, at: datetime, event_id: str) -> dict[str, Any]:
        kind, name = fact.key
        event: dict[str, Any] = {}
        if fact.event_id is not None:
            event["event_id"] = fact.event_id or event_id
        event["occurred_at"] = stamp(at)
        event["source"] = fact.source
        event["object"] = {"type": kind, "id": name}
        if fact.version:
            event["object"]["version"] = fact.version
        event["action"] = fact.action
        optional: dict[str, Any] = {
            "outcome": "" if fact.outcome == "ok" else fact.outcome,
            "correlation_id": fact.correlation,
            "idempotency_key": fact.idempotency,
            "attempt": fact.attempt if fact.attempt > 1 else 0,
            "links": [_link(link) for link in fact.links],
            "context": {name: value for name, value in fact.context.items() if value},
            "money": _money(fact.money),
            "error": {"code": fact.error[0], "message": fact.error[1]} if fact.error else None,
            "attributes": dict(fact.attributes),
        }
        event.update({name: value for name, value in optional.items() if value})
        return _misspelt(event, fact.broken) if fact.broken else event

    def _named(self, fact: Fact) -> str:
        name = f"{fact.source}.{fact.key[0]}.{fact.key[1]}.{fact.action}"
        self._told[name] += 1
        return f"{name}.{self._told[name]}"


def floored(at: datetime) -> datetime:
    """Source systems stamp milliseconds."""
    return at - (at - _EPOCH) % _MILLISECOND


def stamp(at: datetime) -> str:
    return floored(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def key_text(key: Key) -> str:
    return f"{key[0]}/{key[1]}"


def _misspelt(event: dict[str, Any], field: str) -> dict[str, Any]:
    """The record as a faulty release writes it: a number for a text, or a field of its own."""
    part, _, name = field.partition(".")
    known = event.get(part, {}).get(name)
    event[part] = {**event.get(part, {}), name: float(known) if known else "CC-4100"}
    return event


def _link(link: Link) -> dict[str, str]:
    written = {"type": link.key[0], "id": link.key[1], "relation": link.relation}
    if link.amount is not None:
        written["amount"] = str(cents(link.amount))
    return written


def _money(money: Money | None) -> dict[str, str] | None:
    if money is None:
        return None
    written = {"amount": str(cents(money.amount)), "currency": money.currency}
    if money.measure:
        written["measure"] = money.measure
    return written
