"""The whole document of one path: its stages, objects, links, events, money, terms and findings.

What does not hang on each other is asked at once, in two waves; each asks by key and reads little,
so that one thread a statement is enough.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from core.store import SqlFolder, Store
from lineage.terms import terms

SQL = SqlFolder(__file__)
# A server refuses a parameter of more than 128 KiB; two lists of hashes of 20 digits stay below it.
HASHES_A_QUERY = 5_000
FINDINGS_A_QUERY = 2_000
# More threads of the engine cost more than they win where a few granules are read.
BY_KEY = {"max_threads": 1}
Row = dict[str, Any]


def by_key(store: Store, name: str, params: Row) -> list[Row]:
    """Ask a statement that reads little."""
    return store.rows(SQL[name], params, settings=BY_KEY, readonly=True)


def document(
    store: Store, found: Row, now: datetime, heads: dict[str, Row], beside: Sequence[Row] = ()
) -> Row | None:
    """The document of a row of `paths_of_roots`, None when it is no revenue event any more.

    `heads` are the summaries that are known, by root. That of this path is added to them, and those
    of the paths `beside`, which are asked for on the way.
    """
    root_hash, root = found["root_hash"], found["root"]
    params = {"root": root_hash, "now": now, "process": found["process"]}
    missing = {row["root_hash"]: None for row in (found, *beside) if row["root"] not in heads}
    told, stages, behind, credits, told_terms = store.together(
        partial(summaries, store, list(missing), now),
        partial(by_key, store, "path_stages", params),
        partial(_behind, store, found),
        partial(by_key, store, "path_credits", params),
        partial(terms, store, root_hash, found["contract"]),
    )
    heads.update((row["root"], row) for row in told)
    head = heads.get(root)
    if head is None:
        return None
    objects = [_own(found), *(row | {"via": row["via"] or root} for row in behind)]
    hashes = [row.pop("object_hash") for row in objects]
    events, links, findings = store.together(
        partial(_of_objects, store, "path_events", params, hashes),
        partial(_of_objects, store, "path_links", params, hashes),
        partial(_findings, store, params, hashes),
    )
    for stage in stages:
        _fill(stage, objects, events)
    held = set(hashes)
    return head | {
        "stages": stages,
        "objects": objects,
        "links": [link for link in links if link.pop("from_hash") in held],
        "credits": credits,
        "terms": told_terms,
        "events": events,
        "findings": findings,
    }


def summaries(store: Store, roots: Sequence[int], now: datetime) -> list[Row]:
    """What the paths of revenue events are in short, by hash."""
    found: list[Row] = []
    for some in pieces(roots):
        found += by_key(store, "path_summaries", {"roots": some, "now": now})
    return found


def findings_of(store: Store, object_hash: int, now: datetime) -> list[Row]:
    """The findings on one object, the most severe first."""
    return _findings(store, {"now": now, "root": 0}, [object_hash])


def pieces(hashes: Sequence[int]) -> Iterable[list[int]]:
    """Parts that one query takes as a parameter."""
    for start in range(0, len(hashes), HASHES_A_QUERY):
        yield list(hashes[start : start + HASHES_A_QUERY])


def _fill(stage: Row, objects: Sequence[Row], events: Sequence[Row]) -> None:
    """Put the objects and events of a stage to it."""
    actions, roles = stage.pop("actions"), stage.pop("roles")
    object_type = stage.pop("object_type")
    stage["objects"] = [
        row["key"]
        for row in objects
        if row["type"] == object_type and not row["reversed"] and not row["correction"]
    ]
    stage["events"] = [
        event
        for event in events
        if event["object_type"] == object_type
        and event["action"] in actions
        and (not roles or event["role"] in roles or event["outcome"] == "failed")
    ]


def _own(found: Row) -> Row:
    """The revenue event itself, as an object of its path."""
    root = found["root"]
    own = {"key": root, "object_hash": found["root_hash"], "type": root.partition("/")[0]}
    own |= {"grade": "root", "via": "", "depth": 0}
    return own | {"reversed": bool(found["reversed"]), "correction": False}


def _behind(store: Store, found: Row) -> list[Row]:
    """The objects behind the revenue event."""
    if not found["tail_hash"]:
        return []
    asked = {"root": found["root_hash"], "tail": found["tail_hash"]}
    return by_key(store, "path_objects", asked)


def _findings(store: Store, params: Row, hashes: Sequence[int]) -> list[Row]:
    """Findings on the objects of the path, and those whose money is the revenue event's."""
    rows = _of_objects(store, "path_finding_ids", params, hashes)
    ids = sorted({row["finding_id"] for row in rows})
    found: list[Row] = []
    for start in range(0, len(ids), FINDINGS_A_QUERY):
        asked = {"ids": ids[start : start + FINDINGS_A_QUERY], "now": params["now"]}
        found += by_key(store, "path_findings", asked)
    return found


def _of_objects(store: Store, query: str, params: Row, hashes: Sequence[int]) -> list[Row]:
    """What a query tells of objects, by their hashes, in as many pieces as it has to be, in the
    order of its first columns.
    """
    told = [by_key(store, query, params | {"objects": some}) for some in pieces(hashes)]
    if len(told) == 1:
        return told[0]
    found = [row for piece in told for row in piece]
    return sorted(found, key=lambda row: [str(value) for value in list(row.values())[:3]])
