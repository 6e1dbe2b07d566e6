"""Master data of the simulated consulting firm: who it is, whom it serves and with which systems.

Everything here is drawn from the seed alone; what happens to it is told by the flows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from revtrace.simulate.quarter import Quarter, last_workday, next_workday

PSA, HCM, EXPENSE = "psa", "workday", "expense"
CRM, MIDDLEWARE, ANALYTICS = "salesforce", "mulesoft", "warehouse-analytics"
NETSUITE, DYNAMICS = "netsuite-us", "dynamics365-emea"

# Name, role, shipped mapping, and how often at least it is heard of in a normal week.
SOURCES: tuple[tuple[str, str, str, str], ...] = (
    (CRM, "crm", "salesforce", "30d"),
    (PSA, "psa", "psa", "4d"),
    (HCM, "hcm", "workday", "4d"),
    (EXPENSE, "expense", "expense", "14d"),
    (MIDDLEWARE, "middleware", "mulesoft", "4d"),
    (NETSUITE, "erp", "netsuite", "4d"),
    (DYNAMICS, "erp", "dynamics365", "4d"),
    (ANALYTICS, "analytics", "analytics", "1d"),
)


@dataclass(frozen=True)
class Entity:
    """A legal entity: its books, its currency and its clock."""

    id: str
    currency: str
    zone: str
    region: str
    erp: str
    time_source: str


ENTITIES = (
    Entity("US01", "USD", "America/New_York", "AMER", NETSUITE, PSA),
    Entity("UK01", "GBP", "Europe/London", "EMEA", DYNAMICS, PSA),
    Entity("DE01", "EUR", "Europe/Berlin", "EMEA", DYNAMICS, HCM),
)
_ENTITY_WEIGHTS = (16, 5, 4)

_SERVICE_LINES = ("strategy", "data_and_ai", "cloud", "risk_advisory", "finance_transformation")
_FIRST = (
    "Alder", "Beacon", "Calder", "Dunmore", "Eastgate", "Fairholm", "Glenrock", "Harrow",
    "Ironbridge", "Juniper", "Kestrel", "Larkspur", "Meridian", "Northwell", "Oakhurst",
    "Pinecrest", "Quarry", "Ridgeway", "Stonefield", "Thornbury", "Underhill", "Vantage",
    "Westmark", "Yarrow",
)  # fmt: skip
_SECOND = ("Logistics", "Health", "Energy", "Insurance", "Foods", "Mobility", "Bank", "Retail")

# Contracts per engagement at scale 1; the mix of a mid-sized consultancy, most of it by the hour.
_MIX = (
    ("time_and_materials", 24),
    ("milestone", 6),
    ("fixed_fee", 6),
    ("percent_complete", 7),
    ("retainer", 9),
    ("managed_service", 3),
)
PERIODICAL = frozenset(("retainer", "managed_service"))
_TEAM = (2, 7)
_RATES = {"USD": (165, 340), "GBP": (120, 260), "EUR": (130, 270)}
_AMENDED_SHARE = 0.3
_NEW_SHARE = 0.2
_HOURS_BOUND = Decimal(13 * 5 * 11)


@dataclass(frozen=True)
class Consultant:
    """A person whose time is sold, with the rate agreed for the project."""

    id: str
    grade: str
    rate: Decimal


@dataclass(frozen=True)
class Contract:
    """One signed piece of business and the one project that delivers it."""

    id: str
    number: int
    customer: str
    customer_name: str
    entity: Entity
    engagement: str
    service_line: str
    project: str
    manager: str
    team: tuple[Consultant, ...]
    value: Decimal
    fee: Decimal  # of one milestone, one month of retainer, or the whole percent-complete job
    starts: date  # first day of work inside the quarter
    signed: date
    amended: date | None

    def version_on(self, day: date) -> str:
        return "2" if self.amended is not None and day >= self.amended else "1"


def contracts(seed: int, scale: float, quarter: Quarter) -> Iterator[Contract]:
    """Every contract of the firm, one at a time so that any scale fits in memory."""
    number = 0
    for engagement, count in _MIX:
        for _ in range(max(1, round(count * scale))):
            number += 1
            yield _contract(Random(f"{seed}/contract/{number}"), number, engagement, quarter)


def _contract(rng: Random, number: int, engagement: str, quarter: Quarter) -> Contract:
    entity = _entity(rng, number)
    customer = 1000 + number * 7
    team = _team(rng, number, entity) if engagement == "time_and_materials" else ()
    fee = Decimal(rng.randrange(18, 95)) * 1000 + Decimal(rng.choice(("0", "250.50", "499.99")))
    starts, signed = quarter.start, quarter.start - timedelta(days=rng.randrange(6, 20))
    if rng.random() < _NEW_SHARE and engagement not in PERIODICAL:
        starts = quarter.start + timedelta(days=7 * rng.randrange(2, 5))
        signed = starts - timedelta(days=rng.randrange(6, 12))
    amended = None
    if rng.random() < _AMENDED_SHARE:
        # Not on the edge of the quarter, so that both versions see billing.
        amended = next_workday(quarter.start + timedelta(days=rng.randrange(40, 65)))
    value = sum((person.rate for person in team), Decimal(0)) * _HOURS_BOUND * 2
    if not team:
        value = fee * 8
    name = f"{_FIRST[customer % len(_FIRST)]} {_SECOND[customer // 24 % len(_SECOND)]}"
    return Contract(
        id=f"CON-{entity.id}-{number:05}",
        number=number,
        customer=f"CUST-{customer:05}",
        customer_name=name,
        entity=entity,
        engagement=engagement,
        service_line=rng.choice(_SERVICE_LINES),
        project=f"PRJ-{number:05}",
        manager=f"EM-{number % 37 + 100}",
        team=team,
        value=value.quantize(Decimal("1000")).quantize(Decimal("0.01")),
        fee=fee.quantize(Decimal("0.01")),
        starts=next_workday(starts - timedelta(days=1)),
        signed=last_workday(signed),
        amended=amended,
    )


def _entity(rng: Random, number: int) -> Entity:
    # The first three of any run of contracts cover all entities, so that no small scale misses one.
    if number % 8 < len(ENTITIES):
        return ENTITIES[number % 8]
    return rng.choices(ENTITIES, _ENTITY_WEIGHTS)[0]


def _team(rng: Random, number: int, entity: Entity) -> tuple[Consultant, ...]:
    low, high = _RATES[entity.currency]
    people = []
    for seat in range(rng.randint(*_TEAM)):
        rate = Decimal(rng.randrange(low * 4, high * 4)) / 4
        grade = rng.choice(("analyst", "consultant", "manager", "principal"))
        people.append(Consultant(f"R-{number:05}-{seat + 1}", grade, rate))
    return tuple(people)
