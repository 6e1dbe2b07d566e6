"""What mappings of every format share: the fields that they may fill, and zones of time."""

import re
from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.declaration import Table
from core.event import Context

# Fields of an event that a column or a constant may fill; money and time have tables of their own.
PATHS = frozenset(
    {
        "event_id",
        "source",
        "object.type",
        "object.id",
        "object.version",
        "action",
        "outcome",
        "correlation_id",
        "trace_id",
        "span_id",
        "idempotency_key",
        "error.code",
        "error.message",
        *(f"context.{name}" for name in Context.model_fields),
    }
)
ATTRIBUTE = re.compile(r"attributes\.[^\s].{0,199}\Z")


def read_zone(table: Table) -> ZoneInfo:
    """The zone of a table, UTC where it names none; raises ConfigInvalid for one that is none."""
    name = table.text("zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        table.refuse("zone", f"'{name}' is no time zone", "Write it like 'Europe/Amsterdam'")


def check_path(table: Table, path: str, known: Collection[str] = PATHS) -> None:
    """Raise ConfigInvalid for a key that is no field of an event."""
    if path not in known and not ATTRIBUTE.match(path):
        listed = ", ".join(sorted(known))
        table.refuse(path, "is no field of an event", f"Use one of {listed}, or attributes.<name>")
