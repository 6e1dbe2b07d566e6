"""The documents that operations answer with: plain JSON, the same in-process and through the
socket.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def plain(value: Any) -> Any:
    """Turn values into what JSON knows: instants as RFC 3339 in UTC, money as text, keys as
    text.
    """
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain(value.value)
        case datetime():
            return _instant(value)
        case date() | Path():
            return str(value)
        case Decimal():
            return _amount(value)
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.decode("utf-8", "replace")
        case Mapping():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple() | set() | frozenset():
            parts = sorted(value) if isinstance(value, (set, frozenset)) else value
            return [plain(part) for part in parts]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return str(value)


def _amount(amount: Decimal) -> str:
    """Amounts are kept with four digits; two are what people wrote, further ones only if they
    count.
    """
    whole, point, digits = format(amount, "f").partition(".")
    return f"{whole}.{digits.rstrip('0'):0<2}" if point else whole


def _instant(at: datetime) -> str:
    """Instants without an offset are UTC: the engine's own columns are."""
    known = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return known.isoformat().replace("+00:00", "Z")
