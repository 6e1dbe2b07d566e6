"""Names that turn out to be one thing: whatever was told before, turns end where a rebuild does."""

from typing import Any

import pytest

from core.store import Store
from tests.lineage.arrange import everything
from tests.lineage.story import HUNDRED, approved, failed, money, said, traced

TIME = "time_entry/TE-"


def same(key: str, other: str, hours: float) -> dict[str, Any]:
    object_type, other_id = key.split("/")[0], other
    return said(key, "noted", hours, links=[(object_type, other_id, "same_as", None)])


def posted(name: str, hours: float, **more: Any) -> dict[str, Any]:
    return said(f"invoice/{name}", "posted", hours, **money(HUNDRED), **more)


STORIES: dict[str, list[list[dict[str, Any]]]] = {
    "a neighbour with names of its own keeps the events of all of them": [
        [
            approved("5"),
            said("invoice/A", "created", 1, made_from=[f"{TIME}5"]),
            posted("B", 2, links=[("invoice", "A", "same_as", None)]),
        ],
        [same(f"{TIME}5", "TE-4", 3)],
    ],
    "a link over an alias keeps its grade": [
        [approved("5"), posted("2", 1, made_from=[f"{TIME}5"]), same(f"{TIME}5", "TE-4", 2)],
        [said("invoice/2", "sent", 3)],
    ],
    "a double posting under an old name of its source goes with its reversal": [
        [
            approved("5"),
            posted("1", 1, made_from=[f"{TIME}5"]),
            posted("2", 2, made_from=[f"{TIME}5"]),
        ],
        [same(f"{TIME}5", "TE-4", 3)],
        [said("invoice/2", "reversed", 4)],
    ],
    "a key used under two names of two invoices is a double posting": [
        [same("invoice/9a", "1a", 1), same("invoice/9b", "1b", 1)],
        [posted("9a", 2, idempotency_key="K")],
        [posted("9b", 3, idempotency_key="K")],
    ],
    "a failure settled later is not settled by an earlier ok": [
        [posted("1", 1), failed("invoice/1", "posted", 5, "E", idempotency_key="K")],
        [posted("2", 6, idempotency_key="K")],
    ],
}


@pytest.mark.parametrize("name", STORIES)
def test_turns_end_where_a_rebuild_does(name: str, store: Store) -> None:
    made = traced(store, *STORIES[name])
    turned = everything(store)
    made.wheel.rebuild()
    assert turned == everything(store)
    for finding in turned["findings"]:
        resolved = finding["resolved_at"]
        assert resolved is None or resolved >= finding["first_seen"]
