"""Replay and mended mappings inside of a commit: what is superseded, and what a replay settles.

A mapping is mended by raising its version. What the new version makes of a record takes the place
of what an older one made (docs/adr/014); both steps run again when a commit is recovered.
"""

import logging
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.admission import Bench
from collector.delivery import ROW_PROTOCOLS, Delivery, Kept
from collector.prepare import read_replay
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
LOG = logging.getLogger("revtrace.collector")
NATIVE = ("native", "otlp")
# Another process commits here at the earliest once a lease has run out, which takes longer.
LOOK_SECONDS = 20.0


class Supersession:
    """The statements that a commit of mapped deliveries runs beside its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # The lowest version of each mapping that was committed with, and when that was looked up.
        self._oldest: dict[str, tuple[int, float]] = {}

    def concerns(self, group: Iterable[Delivery]) -> bool:
        """Say whether what is made of these deliveries may supersede events: a replay, or a mended
        mapping of which an earlier version has made some.
        """
        return any(bool(one.replays) or self._is_mended(one) for one in group)

    def note_origins(self, kept: Sequence[Kept]) -> None:
        """Say which deliveries are replays or redacted; MUST come before the deliveries
        themselves.
        """
        for one in kept:
            mapping, version = one.given.mapping, one.given.mapping_version
            if mapping in self._oldest:
                oldest, looked_at = self._oldest[mapping]
                self._oldest[mapping] = min(oldest, version), looked_at
        rows = [
            [one.id, one.given.replays, one.given.original_sha256]
            for one in kept
            if one.given.replays or one.given.original_sha256
        ]
        if rows:
            self._store.insert("delivery_origins", ["delivery", "replays", "original_sha256"], rows)

    def apply(self, kept: Sequence[Kept], bench: Bench, batch: int, at: datetime) -> None:
        """Take superseded events out, and settle the quarantined records of replays; the rows of
        the bench MUST be written.
        """
        replays = [one for one in kept if one.given.replays]
        if self.concerns(one.given for one in kept):
            self._supersede(replays, bench, batch, at)
        for one in replays:
            self._settle(one, bench, at)

    def _is_mended(self, given: Delivery) -> bool:
        mapping, version = given.mapping, given.mapping_version
        if version == 1 or mapping in NATIVE:
            return False
        oldest, looked_at = self._oldest.get(mapping, (0, -math.inf))
        if time.monotonic() - looked_at > LOOK_SECONDS:
            found = self._store.value(SQL["oldest_version"], {"mapping": mapping})
            oldest = version if found is None else int(found)
            self._oldest[mapping] = oldest, time.monotonic()
        return oldest < version

    def _supersede(self, replays: Sequence[Kept], bench: Bench, batch: int, at: datetime) -> None:
        self._store.command(SQL["clear_superseding"])
        params = {
            "everywhere": bool(replays),
            "origins": [one.given.replays for one in replays],
            "replaying": [one.id for one in replays],
            "staged": bench.staged,
        }
        self._store.command(SQL["find_superseded"], params)
        count = int(self._store.value(SQL["count_superseding"]))
        if not count:
            return
        LOG.info("%d events are superseded by a mended mapping", count)
        for statement in SQL.statements("supersede"):
            self._store.command(statement, {"batch": batch, "at": at})

    def _settle(self, one: Kept, bench: Bench, at: datetime) -> None:
        params = {
            "staged": bench.staged,
            "origin": one.given.replays,
            "by_place": one.given.protocol in ROW_PROTOCOLS,
            "replay": one.id,
            "mapping": one.given.mapping,
            "mapping_version": one.given.mapping_version,
            "by": read_replay(one.given.body).by,
            "at": at,
        }
        self._store.command(SQL["resolve_quarantined"], params)
