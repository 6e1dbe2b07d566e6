"""What an interrupted commit left, read back in bounded pieces that the engine can decode."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from collector import refusal
from collector.admission import SQL, Admission, Bench
from collector.delivery import Delivery, Kept
from collector.prepare import prepare
from collector.registry import Registry, delivery_of
from collector.supersession import Supersession
from core.errors import RevtraceError, StoreRefused, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store

LOG = logging.getLogger("revtrace.collector")


def chunks(unclosed: Sequence[dict[str, Any]], settings: CollectorSettings) -> Iterator[list[str]]:
    """Split the ids of deliveries so that each part is no larger than a commit."""
    chunk: list[str] = []
    size = 0
    for row in unclosed:
        full = len(chunk) >= settings.commit_deliveries_max
        if chunk and (full or size + row["bytes"] > settings.commit_bytes_max):
            yield chunk
            chunk, size = [], 0
        chunk.append(row["delivery"])
        size += row["bytes"]
    yield chunk


def read_all(
    store: Store,
    registry: Registry,
    unclosed: Sequence[dict[str, Any]],
    settings: CollectorSettings,
) -> Iterator[list[Kept]]:
    """Read deliveries back in parts, prepared as they were when they came."""
    for chunk in chunks(unclosed, settings):
        rows = store.rows(SQL["read_deliveries"], {"deliveries": chunk})
        yield [_kept(row, registry) for row in rows]


def prepare_again(delivery: Delivery, registry: Registry) -> Delivery:
    """Prepare a delivery that was acknowledged: what cannot be read any more becomes one record,
    which is quarantined and counted.
    """
    if delivery.protocol == refusal.UNREADABLE:
        return refusal.undecodable_body(delivery)
    try:
        return prepare(delivery, registry)
    except RevtraceError as error:
        if isinstance(error, StoreUnavailable):
            raise
        LOG.error("delivery %s cannot be prepared again: %s", delivery.id, error)
        return refusal.undecodable_body(delivery)


def readable_parts(admission: Admission, kept: list[Kept], bench: Bench) -> Iterator[list[Kept]]:
    """Split so that a body the engine refuses stands alone, and turn that one into a quarantined
    record.
    """
    try:
        admission.judge(kept, bench)
    except StoreRefused as error:
        refusal.require_undecodable(error)
        if len(kept) == 1:
            LOG.error("delivery %s cannot be decoded: %s", kept[0].id, error)
            yield [refusal.undecodable(kept[0])]
            return
        middle = len(kept) // 2
        yield from readable_parts(admission, kept[:middle], bench)
        yield from readable_parts(admission, kept[middle:], bench)
        return
    yield kept


def empty_journal(
    commits: Iterator[list[Kept]],
    store: Store,
    admission: Admission,
    supersession: Supersession,
    settings: CollectorSettings,
) -> tuple[int, list[str]]:
    """Put what is in the journal only into the warehouse, to be found there as of any interrupted
    commit; returns how many deliveries that were, and those that were there and have no counts,
    whatever their batch is. The caller clears the journal when all of them are made again.
    """
    count = 0
    uncounted: list[str] = []
    shift: int | None = None
    for kept in _bounded(commits, settings):
        if shift is None:
            # Another writer may have gone on in the warehouse since, or have died at it: none of
            # its batches is ours, whether it ended it or not.
            first, last = kept[0].batch, int(store.value(SQL["last_batch"]))
            shift = 0 if first > last else last + 1 - first
        asked = {"deliveries": [one.id for one in kept]}
        found = store.rows(SQL["list_kept"], asked)
        here = {row["delivery"] for row in found}
        uncounted += [row["delivery"] for row in found if not row["counted"]]
        lost = [replace(one, batch=one.batch + shift) for one in kept if one.id not in here]
        if lost:
            supersession.note_origins(lost)
            admission.keep(lost)
        count += len(lost)
    return count, uncounted


def each_once(*lists: Iterable[list[Kept]]) -> Iterator[list[Kept]]:
    """Commits of the journal, then those in memory that are no longer in its file."""
    known: set[str] = set()
    for commits in lists:
        for commit in commits:
            if kept := [one for one in commit if one.id not in known]:
                known.update(one.id for one in kept)
                yield kept


def _bounded(commits: Iterator[list[Kept]], settings: CollectorSettings) -> Iterator[list[Kept]]:
    """Join small commits, up to the size of a large one."""
    joined: list[Kept] = []
    size = 0
    for kept in commits:
        added = sum(one.given.size for one in kept)
        full = len(joined) + len(kept) > settings.commit_deliveries_max
        if joined and (full or size + added > settings.commit_bytes_max):
            yield joined
            joined, size = [], 0
        joined, size = joined + kept, size + added
    if joined:
        yield joined


def _kept(row: dict[str, Any], registry: Registry) -> Kept:
    given = replace(delivery_of(row), id=row["delivery"])
    return Kept(given.id, row["batch"], row["received_at"], prepare_again(given, registry))
