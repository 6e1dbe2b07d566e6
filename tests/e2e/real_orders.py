"""The order management file read by itself, with nothing of the program: what must come out."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

STAGES = ("placed", "confirmed", "picked", "packed", "sent")
ACTIVITY_OF = {
    "placed": "place order",
    "confirmed": "confirm order",
    "picked": "pick item",
    "packed": "create package",
    "sent": "send package",
}


@dataclass
class Order:
    """What was made from one order, and when each stage was first and last done on it."""

    items: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    stages: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def keys(self, order: str) -> set[str]:
        found = {f"item/{item}" for item in self.items}
        found |= {f"package/{package}" for package in self.packages}
        return found | {f"order/{order}"}


def read(path: Path) -> dict[str, Order]:
    """Every order with its stages, walked along `comprises` and `contains`."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        orders: dict[str, Order] = defaultdict(Order)
        for order, item in _related(database, "comprises"):
            orders[order].items.add(item)
        packages_of = defaultdict(set)
        for package, item in _related(database, "contains"):
            packages_of[item].add(package)
        done = _done(database)
    for number, order in orders.items():
        for item in order.items:
            order.packages |= packages_of[item]
        objects = [{number}, {number}, order.items, order.packages, order.packages]
        for stage, of_it in zip(STAGES, objects, strict=True):
            firsts = [min(done[thing, ACTIVITY_OF[stage]]) for thing in of_it]
            order.stages[stage] = (min(firsts), max(firsts))
    return dict(orders)


def distinct_pairs(path: Path) -> int:
    """How many different event-object pairs there are: some stand there twice."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        found: int = database.execute(
            "SELECT count(*) FROM (SELECT DISTINCT ocel_event_id, ocel_object_id FROM event_object)"
        ).fetchone()[0]
        return found


def _related(database: sqlite3.Connection, qualifier: str) -> list[tuple[str, str]]:
    return database.execute(
        "SELECT CAST(ocel_source_id AS TEXT), CAST(ocel_target_id AS TEXT) FROM object_object "
        "WHERE ocel_qualifier = ?",
        (qualifier,),
    ).fetchall()


def _done(database: sqlite3.Connection) -> dict[tuple[str, str], list[datetime]]:
    """When each activity was done on each object."""
    tables = dict(database.execute("SELECT ocel_type, ocel_type_map FROM event_map_type"))
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for activity in ACTIVITY_OF.values():
        for thing, at in database.execute(
            "SELECT CAST(pair.ocel_object_id AS TEXT), timed.ocel_time FROM event_object AS pair "
            f'INNER JOIN "event_{tables[activity]}" AS timed ON timed.ocel_id = pair.ocel_event_id'
        ):
            found[thing, activity].append(datetime.fromisoformat(at).replace(tzinfo=UTC))
    return found
