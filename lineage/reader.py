"""READ DOOR of lineage for the floors above: paths, findings, and what a key leads to.

Every method takes the instant at which to judge; none writes. Values keep their types: Decimal
money, aware UTC instants.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.errors import BadInput, NotFound
from core.store import SqlFolder, Store
from lineage import pathless
from lineage.coverage import coverage
from lineage.explain import explain
from lineage.latency import Asked, latency
from lineage.risk import assess
from lineage.terms import terms

SQL = SqlFolder(__file__)
DEPTH_MAX = 64
# A server refuses a parameter of more than 128 KiB; two lists of hashes of 20 digits stay below it.
HASHES_A_QUERY = 5_000
FINDINGS_A_QUERY = 2_000
PATHS_SHOWN = 3
SUMMARIES_SHOWN = 20
PATHLESS_MAX = 1_000
Row = dict[str, Any]


class Reader:
    """Answers questions about paths and findings."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def trace(self, key: str, now: datetime, paths: int = PATHS_SHOWN) -> Row:
        """The path of a revenue event, or the paths an object is on, by any of its names (DESIGN
        section 8). An object that is on none comes with its events, and why that is.

        Raises BadInput when the key is no `type/id` and NotFound when no event ever named it.
        """
        known = self._object(key)
        through = self._paths_through([known["object_hash"]])
        on = [row["root"] for row in through]
        if known["key"] in on:
            return self._traced(known["object_hash"], known["key"], now, through)
        some = [row["root_hash"] for row in through[: SUMMARIES_SHOWN if paths else 0]]
        heads = {head["root"]: head for head in self._summaries(some, now)}
        shown = [
            self._traced(
                row["root_hash"],
                row["root"],
                now,
                self._paths_through([row["root_hash"]]),
                heads.get(row["root"]),
            )
            for row in through[:paths]
        ]
        told = {"object": known["key"], "roots": on, "paths": shown, "paths_total": len(on)}
        if not on:
            return told | pathless.explain(self._store, key, known["object_hash"])
        return told | {"summaries": list(heads.values())}

    def _traced(
        self,
        root_hash: int,
        root: str,
        now: datetime,
        through: Sequence[Row],
        head: Row | None = None,
    ) -> Row:
        """The path of a revenue event, and the others that it is on."""
        others = [row["root"] for row in through if row["root"] != root]
        path = self._path(root_hash, now, head)
        return (path or {}) | ({"also_on": others} if others else {})

    def find(self, key: str, now: datetime, limit: int | None = None) -> Row:
        """The paths that any key leads to: an id of any type, a correlation, trace or idempotency
        id, a contract, project or customer. Where there is no path, the objects of that contract,
        project or customer are told, and what the wheel has not taken in yet. No match is an empty
        answer.
        """
        matches = self._store.rows(SQL["find_matches"], {"key": key}, readonly=True)
        hashes = self._classes({row["object_hash"] for row in matches if row["object_hash"]})
        roots = {row["root_hash"] for row in self._paths_through(hashes)}
        roots |= {row["root_hash"] for row in matches if row["root_hash"]}
        found = self._summaries(sorted(roots), now)
        if not found:
            params = {"key": key, "limit": PATHLESS_MAX}
            matches += self._store.rows(SQL["find_pathless"], params, readonly=True)
        told = sorted({(row["found_as"], row["object"]) for row in matches if row["object"]})
        return {
            "key": key,
            "matches": [{"found_as": how, "object": thing} for how, thing in told],
            "paths": found if limit is None else found[:limit],
            "paths_total": len(found),
        }

    def findings(
        self,
        now: datetime,
        *,
        kind: str = "",
        status: str = "",
        finding_class: str = "",
        min_amount: Decimal | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Findings as they stand at an instant, the most severe and largest first; all of them
        unless limited.
        """
        params = {
            "now": now,
            "kind": kind,
            "status": status,
            "class": finding_class,
            "min_amount": str(min_amount if min_amount is not None else -1),
            "limit": limit or 0,
        }
        return self._store.rows(SQL["list_findings"], params, readonly=True)

    def named(self, finding: str, now: datetime) -> list[Row]:
        """Up to two findings whose id is, or begins with, what is given."""
        return self._store.rows(SQL["named_findings"], {"id": finding, "now": now}, readonly=True)

    def causes(
        self, now: datetime, *, kind: str = "", status: str = "", limit: int | None = None
    ) -> list[Row]:
        """What findings have in common, one row a cause: those that are open first, the most
        severe and frequent of them before the others; all of them unless limited.
        """
        params = {"now": now, "kind": kind, "status": status, "limit": limit or 0}
        return self._store.rows(SQL["list_causes"], params, readonly=True)

    def reconciliation(
        self,
        now: datetime,
        *,
        control: str = "",
        contract: str = "",
        period: str = "",
        entity: str = "",
        status: str = "",
        largest_first: tuple[int, int] | None = None,
    ) -> list[Row]:
        """Rows of the controls, those that agree too; a break comes with the objects that explain
        it and the hop at which they are stuck at that instant.

        All of them by control and contract, or so many from an offset on, the largest first.
        """
        asked: Row = {"control": control, "contract": contract, "period": period}
        limit, offset = largest_first or (0, 0)
        asked |= {"status": status, "entity": entity, "now": now, "limit": limit, "offset": offset}
        rows = self._store.rows(SQL["list_reconciliation"], asked, readonly=True)
        broken = [row for row in rows if row["status"] == "break"]
        explain(self._store, broken, now, self._paths_through)
        return rows

    def latency(self, now: datetime, asked: Asked) -> list[Row]:
        """How long hops took, by group, process and stage: exact quantiles (`lineage.latency`)."""
        return latency(self._store, now, asked)

    def risk(self, now: datetime, *, period: str = "", entity: str = "", process: str = "") -> Row:
        """What will miss the next books closes: totals by close and currency, and by step."""
        return assess(self._store, now, period=period, entity=entity, process=process)

    def conservation(self, *, period: str = "", entity: str = "") -> list[Row]:
        """What went into each hop and came out of it by currency, fiscal period and legal entity,
        with what explains the difference; what nothing explains comes first.
        """
        asked = {"period": period, "entity": entity}
        return self._store.rows(SQL["list_conservation"], asked, readonly=True)

    def coverage(self, now: datetime, process: str = "") -> Row:
        """How much of what was posted can be followed back, what never reports, and where ids get
        lost (`lineage.coverage`).
        """
        return coverage(self._store, now, process)

    def aging(
        self,
        now: datetime,
        *,
        status: str = "",
        kind: str = "",
        entity: str = "",
        process: str = "",
        currency: str = "",
    ) -> list[Row]:
        """Findings by age, from the business event: how many and with how much money, in buckets
        of elapsed and of working days. '' asks for all.
        """
        params = {"now": now, "status": status, "kind": kind, "entity": entity}
        params |= {"process": process, "currency": currency}
        return self._store.rows(SQL["list_aging"], params, readonly=True)

    def progress(self) -> Row:
        """How far the wheel is: the last turn, its watermark, and the batches it has not taken
        yet.
        """
        return self._store.rows(SQL["wheel_progress"], readonly=True)[0]

    def _classes(self, hashes: set[int]) -> list[int]:
        """The same objects, those that are an alias by the hash of their class."""
        named: dict[int, int] = {}
        for some in _pieces(sorted(hashes)):
            rows = self._store.rows(SQL["classes_of"], {"hashes": some}, readonly=True)
            named.update((row["object_hash"], row["class_hash"]) for row in rows)
        return sorted({named.get(each, each) for each in hashes})

    # --- one path -----------------------------------------------------------------------------

    def _object(self, key: str) -> Row:
        """The class a key names, `{object_hash, key}`; any name of it will do."""
        object_type, slash, object_id = key.partition("/")
        if not slash or not object_type or not object_id:
            raise BadInput(
                f"'{key}' names no object", "a key is TYPE/ID", "Write it like invoice/INV-1001"
            )
        rows = self._store.rows(
            SQL["named_object"], {"type": object_type, "id": object_id}, readonly=True
        )
        if rows:
            return rows[0]
        # Events that the wheel has not taken in yet are known all the same.
        params = {"type": object_type, "id": object_id, "class": 0}
        if self._store.rows(SQL["pathless_groups"], params, readonly=True):
            return {"object_hash": 0, "key": key}
        raise NotFound(
            f"nothing is known of {key}",
            "no event names it",
            f"Try `revtrace find {object_id}`, or `revtrace quarantine list`",
        )

    def _path(self, root_hash: int, now: datetime, head: Row | None = None) -> Row | None:
        """The whole document of one path, None when the object is no revenue event; `head` is its
        summary, where that is known already.
        """
        heads = [head] if head else self._summaries([root_hash], now)
        if not heads:
            return None
        params = {"root": root_hash, "now": now, "process": heads[0]["process"]}
        stages = self._store.rows(SQL["path_stages"], params, readonly=True)
        objects = self._objects(root_hash, heads[0]["root"], stages)
        hashes = [row.pop("object_hash") for row in objects]
        events = self._of_objects("path_events", params, hashes)
        for stage in stages:
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
        held = set(hashes)
        links = self._of_objects("path_links", params, hashes)
        found = self._of_objects("path_finding_ids", params, hashes)
        return heads[0] | {
            "stages": stages,
            "objects": objects,
            "links": [link for link in links if link.pop("from_hash") in held],
            "credits": self._store.rows(SQL["path_credits"], params, readonly=True),
            "terms": terms(self._store, root_hash),
            "events": events,
            "findings": self._findings(sorted({row["finding_id"] for row in found}), now),
        }

    def _objects(self, root_hash: int, root: str, stages: Sequence[Row]) -> list[Row]:
        """The revenue event and what is behind it; takes off the stages what says where that is."""
        tails = {(stage.pop("tail_hash"), stage.pop("reversed")) for stage in stages}
        tail, is_reversed = tails.pop() if tails else (0, 0)
        own = {"key": root, "object_hash": root_hash, "type": root.partition("/")[0]}
        own |= {"grade": "root", "via": "", "depth": 0}
        own |= {"reversed": bool(is_reversed), "correction": False}
        if not tail:
            return [own]
        asked = {"root": root_hash, "tail": tail}
        behind = self._store.rows(SQL["path_objects"], asked, readonly=True)
        return [own, *(row | {"via": row["via"] or root} for row in behind)]

    def _findings(self, ids: Sequence[str], now: datetime) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(ids), FINDINGS_A_QUERY):
            asked = {"ids": ids[start : start + FINDINGS_A_QUERY], "now": now}
            found += self._store.rows(SQL["path_findings"], asked, readonly=True)
        return found

    def _of_objects(self, query: str, params: Row, hashes: Sequence[int]) -> list[Row]:
        """What a query tells of objects, by their hashes, in as many pieces as it has to be, in the
        order of its first columns.
        """
        pieces = [
            self._store.rows(SQL[query], params | {"objects": some}, readonly=True)
            for some in _pieces(hashes)
        ]
        if len(pieces) == 1:
            return pieces[0]
        found = [row for piece in pieces for row in piece]
        return sorted(found, key=lambda row: [str(value) for value in list(row.values())[:3]])

    def _summaries(self, roots: Sequence[int], now: datetime) -> list[Row]:
        found: list[Row] = []
        for some in _pieces(roots):
            found += self._store.rows(
                SQL["path_summaries"], {"roots": some, "now": now}, readonly=True
            )
        return found

    # --- from an object up to its revenue events ----------------------------------------------

    def _paths_through(self, objects: Iterable[int]) -> list[Row]:
        """The paths that hold any of the objects: walk up its links, then ask those paths."""
        wanted = list(objects)
        seen = set(wanted)
        level = wanted
        for _ in range(DEPTH_MAX):
            ups: set[int] = set()
            for some in _pieces(level):
                rows = self._store.rows(SQL["upstream_of"], {"hashes": some}, readonly=True)
                ups.update(row["up_hash"] for row in rows)
            level = sorted(ups - seen)
            if not level:
                break
            seen.update(level)
        found: dict[str, Row] = {}
        for roots in _pieces(sorted(seen)):
            for held in _pieces(wanted):
                params = {"roots": roots, "objects": held}
                rows = self._store.rows(SQL["paths_holding"], params, readonly=True)
                found.update((row["root"], row) for row in rows)
        return [found[root] for root in sorted(found)]


def _pieces(hashes: Sequence[int]) -> Iterable[list[int]]:
    """Parts that one query takes as a parameter."""
    for start in range(0, len(hashes), HASHES_A_QUERY):
        yield list(hashes[start : start + HASHES_A_QUERY])
