"""The terms of a path: which version of its contract was in force when, and what amended it."""

from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
AMENDMENTS_DEPTH_MAX = 16
Row = dict[str, Any]


def terms(store: Store, root_hash: int, contract: str) -> Row | None:
    """The version in force at the first ok event of a revenue event, and at its invoice; all
    versions; the chain of what amends the contract. None when it has no contract, or when no event
    says when any version of it came into force.
    """
    asked = {"root": root_hash, "contract": contract}
    rows = store.rows(SQL["path_terms"], asked, readonly=True) if contract else []
    if not rows:
        return None
    return rows[0] | {
        "versions": store.rows(SQL["path_versions"], asked, readonly=True),
        "amendments": _amendments(store, contract),
    }


def _amendments(store: Store, contract: str) -> list[Row]:
    """What amends the contract, and what amends that, as far as it goes."""
    known = {"type": "contract", "id": contract}
    level = [row["object_hash"] for row in store.rows(SQL["named_object"], known, readonly=True)]
    seen = set(level)
    found: list[Row] = []
    for _ in range(AMENDMENTS_DEPTH_MAX):
        rows = store.rows(SQL["path_amendments"], {"hashes": level}, readonly=True) if level else []
        level = sorted({row["object_hash"] for row in rows} - seen)
        seen.update(level)
        found += [
            {name: value for name, value in row.items() if name != "object_hash"} for row in rows
        ]
    return found
