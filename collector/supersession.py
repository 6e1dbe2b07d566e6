"""Replay and mended mappings inside of a commit: what is superseded, and what a replay settles.

A mapping is mended by raising its version. What the new version makes of a record takes the place
of what an older one made (docs/adr/012); both steps run again when a commit is recovered.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from collector.delivery import Kept
from collector.prepare import read_replay
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
LOG = logging.getLogger("revtrace.collector")
NATIVE = ("native", "otlp")


class Supersession:
    """The statements that a commit of mapped deliveries runs beside its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note_origins(self, kept: Sequence[Kept]) -> None:
        """Say which deliveries are replays or redacted; MUST come before the deliveries
        themselves.
        """
        rows = [
            [one.id, one.given.replays, one.given.original_sha256]
            for one in kept
            if one.given.replays or one.given.original_sha256
        ]
        self._store.insert("delivery_origins", ["delivery", "replays", "original_sha256"], rows)

    def apply(self, kept: Sequence[Kept], batch: int, at: datetime) -> None:
        """Take superseded events out, and settle the quarantined records of replays."""
        replays = [one for one in kept if one.given.replays]
        mended = any(
            one.given.mapping_version > 1 and one.given.mapping not in NATIVE for one in kept
        )
        if mended or replays:
            self._supersede(replays, batch, at)
        for one in replays:
            self._settle(one, at)

    def _supersede(self, replays: Sequence[Kept], batch: int, at: datetime) -> None:
        self._store.command(SQL["clear_superseding"])
        params = {
            "everywhere": bool(replays),
            "origins": [one.given.replays for one in replays],
            "replaying": [one.id for one in replays],
        }
        self._store.command(SQL["find_superseded"], params)
        count = int(self._store.value(SQL["count_superseding"]))
        if not count:
            return
        LOG.info("%d events are superseded by a mended mapping", count)
        for statement in SQL.statements("supersede"):
            self._store.command(statement, {"batch": batch, "at": at})

    def _settle(self, one: Kept, at: datetime) -> None:
        params = {
            "origin": one.given.replays,
            "replay": one.id,
            "mapping": one.given.mapping,
            "mapping_version": one.given.mapping_version,
            "by": replay_asked_by(one.given.body),
            "at": at,
        }
        self._store.command(SQL["resolve_quarantined"], params)


def replay_asked_by(body: bytes) -> str:
    """Who asked for a replay, as its delivery's body says."""
    return read_replay(body).by
