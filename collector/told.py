"""What is known of a delivery beside its bytes, as JSON: so files in the home folder keep it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from collector.delivery import Delivery

# These have a place of their own, or are made again when the delivery goes on.
APART = frozenset({"id", "received_at", "body", "payload", "numbers", "spooled"})
DEFAULTS = {one.name: one.default for one in fields(Delivery) if one.name not in APART}


def told_of(delivery: Delivery) -> dict[str, Any]:
    """What differs from the defaults, in values that JSON has a form for."""
    return {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, default in DEFAULTS.items()
        if (value := getattr(delivery, name)) != default
    }


def untold(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a delivery again."""
    return {name: _value(value) for name, value in told.items()}


def _value(value: Any) -> Any:
    """What JSON has no form for: sequences that do not change, and bytes."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return tuple(value) if isinstance(value, list) else value
