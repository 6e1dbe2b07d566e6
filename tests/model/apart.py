"""Events with ids of their own: what is told once can be told again beside it, and says nothing of
the first.
"""

from collections.abc import Iterable, Mapping
from typing import Any

OBJECT_AND_EVENT = ("object_id", "event_id")
ALL_IDS = (
    *OBJECT_AND_EVENT,
    "correlation_id",
    "idempotency_key",
    "contract",
    "project",
    "resource",
)


def apart(event: Mapping[str, Any], form: str, names: Iterable[str] = ALL_IDS) -> dict[str, Any]:
    """The same event, each of the named ids that it has, and each that it links to, in a form like
    `{}~2`.
    """
    own = {name: form.format(event[name]) for name in names if event.get(name)}
    links = [(kind, form.format(id_), *how) for kind, id_, *how in event["links"]]
    return {**event, **own, "links": links}
