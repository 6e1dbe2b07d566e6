"""The terms of a path: which version of its contract was in force when, and what amended it."""

from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
AMENDMENTS_DEPTH_MAX = 16
Row = dict[str, Any]


def terms(store: Store, root_hash: int) -> Row | None:
    """The version in force at the first ok event of a revenue event, and at its invoice; all
    versions; the chain of what amends the contract. None when no event says when any version of
    its contract came into force.
    """
    rows = store.rows(SQL["path_terms"], {"root": root_hash}, readonly=True)
    if not rows:
        return None
    contract = {"contract": rows[0]["contract"]}
    return rows[0] | {
        "versions": store.rows(SQL["path_versions"], contract, readonly=True),
        "amendments": _amendments(store, rows[0]["contract"]),
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
