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
from lineage.document import HASHES_A_QUERY, by_key, document, findings_of, pieces, summaries
from lineage.explain import explain
from lineage.latency import Asked, latency
from lineage.risk import assess

SQL = SqlFolder(__file__)
DEPTH_MAX = 64
PATHS_SHOWN = 3
SUMMARIES_SHOWN = 20
PATHLESS_MAX = 1_000
Row = dict[str, Any]
# What objects were made from, by hash; an object that is not there has not been asked for.
Ups = dict[int, set[int]]


class Reader:
    """Answers questions about paths and findings."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def trace(self, key: str, now: datetime, paths: int = PATHS_SHOWN) -> Row:
        """The path of a revenue event, or the paths an object is on, by any of its names (DESIGN
        section 8), and the findings on it. An object that is on none comes with its events, and why
        that is.

        Raises BadInput when the key is no `type/id` and NotFound when no event ever named it.
        """
        known = self._object(key)
        ups: Ups = {known["object_hash"]: set(known["ups"])}
        through = self._paths_through([known["object_hash"]], ups)
        on = [row["root"] for row in through]
        own = next((row for row in through if row["root"] == known["key"]), None)
        heads: dict[str, Row] = {}
        if own:
            return self._traced(own, now, through, heads)
        some = through[: SUMMARIES_SHOWN if paths else 0]
        shown = [
            self._traced(row, now, self._others(row, ups), heads, some) for row in through[:paths]
        ]
        told = {"object": known["key"], "roots": on, "paths": shown, "paths_total": len(on)}
        told["findings"] = findings_of(self._store, known["object_hash"], now)
        if not on:
            return told | pathless.explain(self._store, key, known["object_hash"])
        return told | {"summaries": [heads[row["root"]] for row in some if row["root"] in heads]}

    def _others(self, row: Row, ups: Ups) -> list[Row]:
        """The paths that a revenue event is on: that of its own, where it was made from nothing."""
        if ups.get(row["root_hash"]) == set():
            return [row]
        return self._paths_through([row["root_hash"]])

    def _traced(
        self,
        row: Row,
        now: datetime,
        through: Sequence[Row],
        heads: dict[str, Row],
        beside: Sequence[Row] = (),
    ) -> Row:
        """The path of a revenue event, and the others that it is on."""
        others = [each["root"] for each in through if each["root"] != row["root"]]
        path = document(self._store, row, now, heads, beside)
        return (path or {}) | ({"also_on": others} if others else {})

    def find(self, key: str, now: datetime, limit: int | None = None) -> Row:
        """The paths that any key leads to: an id of any type, a correlation, trace or idempotency
        id, a contract, project or customer. Where there is no path, the objects of that contract,
        project or customer are told, and what the wheel has not taken in yet. `named` says which of
        these three the key is of the paths. No match is an empty answer.
        """
        matches = self._store.rows(SQL["find_matches"], {"key": key}, readonly=True)
        hashes = self._classes({row["object_hash"] for row in matches})
        roots = {row["root_hash"]: row["root"] for row in self._paths_through(hashes)}
        more, total, named = self._of_context(key, roots, limit)
        roots |= more
        # Of many, only those that are wanted are told.
        chosen = sorted(roots, key=lambda each: roots[each])[:limit]
        found = summaries(self._store, chosen, now)
        if not roots:
            params = {"key": key, "limit": PATHLESS_MAX}
            matches += self._store.rows(SQL["find_pathless"], params, readonly=True)
        told = sorted({(row["found_as"], row["object"]) for row in matches})
        return {
            "key": key,
            "named": named,
            "matches": [{"found_as": how, "object": thing} for how, thing in told],
            "paths": found,
            "paths_total": total,
        }

    def _of_context(
        self, key: str, known: dict[int, str], limit: int | None
    ) -> tuple[dict[int, str], int, list[str]]:
        """The revenue events of a contract, project or customer, by hash: no more than wanted, how
        many there are with those that are known, and which of the three the key names.
        """
        # So many that no statement takes them as a parameter are told apart here.
        few = len(known) <= HASHES_A_QUERY
        params: Row = {"key": key, "known": [*known] if few else []}
        params["limit"] = (few and limit) or 0
        rows = self._store.rows(SQL["find_context"], params, readonly=True)
        more = {row["root_hash"]: row["root"] for row in rows if row["root_hash"] not in known}
        total = len(known) + (rows[0]["paths_total"] if few and rows else len(more))
        return more, total, sorted(rows[0]["named"]) if rows else []

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
        for some in pieces(sorted(hashes)):
            rows = by_key(self._store, "classes_of", {"hashes": some})
            named.update((row["object_hash"], row["class_hash"]) for row in rows)
        return sorted({named.get(each, each) for each in hashes})

    # --- one path -----------------------------------------------------------------------------

    def _object(self, key: str) -> Row:
        """The class a key names, `{object_hash, key, ups}`; any name of it will do."""
        object_type, slash, object_id = key.partition("/")
        if not slash or not object_type or not object_id:
            raise BadInput(
                f"'{key}' names no object", "a key is TYPE/ID", "Write it like invoice/INV-1001"
            )
        rows = by_key(self._store, "named_object", {"type": object_type, "id": object_id})
        if rows:
            return rows[0]
        # Events that the wheel has not taken in yet are known all the same.
        params = {"type": object_type, "id": object_id, "class": 0}
        if self._store.rows(SQL["pathless_groups"], params, readonly=True):
            return {"object_hash": 0, "key": key, "ups": []}
        raise NotFound(
            f"nothing is known of {key}",
            "no event names it",
            f"Try `revtrace find {object_id}`, or `revtrace quarantine list`",
        )

    # --- from an object up to its revenue events ----------------------------------------------

    def _paths_through(self, objects: Iterable[int], ups: Ups | None = None) -> list[Row]:
        """The paths that hold any of the objects: walk up its links, then ask those paths. `ups`
        are links that are known already; those that are found are added.
        """
        known = {} if ups is None else ups
        wanted = list(objects)
        seen = set(wanted)
        level = wanted
        for _ in range(DEPTH_MAX):
            for some in pieces([each for each in level if each not in known]):
                known.update((each, set()) for each in some)
                for row in by_key(self._store, "upstream_of", {"hashes": some}):
                    known[row["object_hash"]].update(row["up_hashes"])
            level = sorted({up for each in level for up in known[each]} - seen)
            if not level:
                break
            seen.update(level)
        paths: list[Row] = []
        for roots in pieces(sorted(seen)):
            paths += by_key(self._store, "paths_of_roots", {"roots": roots})
        asked, holding = set(wanted), set[int]()
        behind = {row["tail_hash"] for row in paths if row["root_hash"] not in asked}
        for tails in pieces(sorted(behind - {0})):
            for held in pieces(wanted):
                rows = by_key(self._store, "tails_holding", {"tails": tails, "objects": held})
                holding.update(row["tail_hash"] for row in rows)
        on = [row for row in paths if row["root_hash"] in asked or row["tail_hash"] in holding]
        return sorted(on, key=lambda row: str(row["root"]))
