"""What all flows share: the quarter, the clock's edge, the tape, the answer key, the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from revtrace.simulate.answer_key import AnswerKey, Root, Seeded
from revtrace.simulate.books import Books
from revtrace.simulate.busy import BusyClose
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.faults import Plan
from revtrace.simulate.firm import ENTITIES, Contract
from revtrace.simulate.quarter import Quarter
from revtrace.simulate.release import Release
from revtrace.simulate.tape import Fact, Key, Tape, floored


@dataclass
class World:
    """One simulated quarter.

    `rng` is set anew for every contract, so that contracts do not disturb each other. No flow looks
    at `now`: all of them run to their end, and only what has happened by now is heard of.
    """

    quarter: Quarter
    now: datetime
    tape: Tape
    key: AnswerKey
    plan: Plan
    demo: datetime  # two days before the close, where what is recent is placed
    loads_end: datetime  # the analytics warehouse is silent from then on
    rng: Random
    stamped: int = 0  # approvals that carry the one id of the export
    releases: tuple[Release, ...] = ()
    spoilt: dict[str, datetime] = field(default_factory=dict)  # since when, by what is found of it
    books: Books = field(default_factory=Books)
    busy: BusyClose | None = None

    def minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.rng.uniform(low, high))

    def hours(self, low: float, high: float) -> float:
        """A local wall-clock hour between two."""
        return self.rng.uniform(low, high)

    def tell(self, fact: Fact) -> bool:
        told = self.tape.tell(fact)
        if told and "contract" in fact.context:
            self.books.enter(fact, self._month(fact))
        return told

    def reach(self, roots: list[Root], stage: str, fact: Fact) -> bool:
        """Tell the fact; when it has happened, the roots have reached the stage by it."""
        told = self.tell(fact)
        for root in roots if told else ():
            root.touch(fact.key)
            if stage and fact.outcome == "ok":
                root.reach(stage, fact.at)
        return told

    def _month(self, fact: Fact) -> str:
        """The period of the local day on which it happened."""
        zones = {entity.id: entity.zone for entity in ENTITIES}
        zone = ZoneInfo(zones[fact.context["legal_entity"]])
        return self.quarter.month_of(floored(fact.at).astimezone(zone).date())

    def seed(self, told: bool, fault: Seeded) -> None:
        """Enter the fault into the answer key, provided that it has happened by now."""
        if told and self._has_happened(fault.when, *fault.objects):
            self.key.fault(fault)

    def near_miss(self, name: str, why: str, when: datetime, *keys: Key) -> None:
        """Note what only looks wrong, provided that it has happened by now."""
        if self._has_happened(when, *keys):
            self.key.near_miss(name, why, when, *keys)

    def _has_happened(self, when: datetime, *keys: Key) -> bool:
        return floored(when) <= self.now and self.tape.heard_of(*keys)

    def token(self) -> str:
        """An id as integration platforms make them."""
        text = f"{self.rng.getrandbits(128):032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def context_of(contract: Contract, **more: str) -> dict[str, str]:
    """The context that every event about a contract carries, with `more` added or replaced."""
    return {
        "customer": contract.customer,
        "contract": contract.id,
        "project": contract.project,
        "legal_entity": contract.entity.id,
        "service_line": contract.service_line,
        "region": contract.entity.region,
        "engagement": contract.engagement,
        **more,
    }


def cycle_context(cycle: Cycle, **more: str) -> dict[str, str]:
    base = {"contract_version": cycle.version, "period": cycle.period.name}
    return context_of(cycle.contract, **{**base, **more})


def contract_key(contract: Contract) -> Key:
    return ("contract", contract.id)


def project_key(contract: Contract) -> Key:
    return ("project", contract.project)
