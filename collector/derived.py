"""Writes what is derived from durable deliveries: events and quarantine, then the closings, last
the row in `batches`, from which on lineage sees the batch.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from collector import recovery, refusal
from collector.admission import Admission, Bench, Lost, Outcome
from collector.behind import Job
from collector.delivery import Kept, Receipt
from collector.judge import EPOCH
from collector.source import SourceRegister
from collector.supersession import Supersession
from collector.unwritten import Unwritten
from core.clock import Clock

# Takes the receipts of what was answered before it was counted, and the seconds that took.
Counted = Callable[[Sequence[Receipt], float], None]


class Derived:
    """Writes one batch at a time; nothing here is for two threads at once, but that late ones may
    be judged while a batch is written.
    """

    def __init__(
        self,
        admission: Admission,
        sources: SourceRegister,
        supersession: Supersession,
        clock: Clock,
    ) -> None:
        self._admission = admission
        self._supersession = supersession
        self._sources = sources
        self._clock = clock
        self._admitted_at = EPOCH
        self.counted: Counted = _nobody

    def go_on_from(self, at: datetime) -> None:
        """No later batch is admitted before this instant."""
        self._admitted_at = max(self._admitted_at, at)

    def write_bench(
        self, bench: Bench, kept: Sequence[Kept], outcomes: Sequence[Outcome], batch: int
    ) -> None:
        """Write a group that was judged and compared on a bench."""
        self._finish(batch, self._admit(bench, kept, outcomes, batch, Lost()))
        self._admission.clear(bench)

    def write_rows(self, bench: Bench, unwritten: Unwritten) -> None:
        """Write small groups that the model judged."""
        at = self._next_instant()
        self._sources.register_unknown(unwritten.sources, at)
        self._admission.place(unwritten.rows, bench)
        quarantined = any(receipt.quarantined for receipt in unwritten.receipts)
        self._admission.store_staged(bench, unwritten.batch, at, quarantined=quarantined)
        self._admission.close(unwritten.receipts, unwritten.batch, at)
        self._finish(unwritten.batch, unwritten.receipts)

    def judge_late(
        self, bench: Bench, unwritten: Unwritten, await_written: Callable[[], None]
    ) -> Job:
        """Judge deliveries that were answered before; returns what writes them, for which the
        landing tables are not needed. `await_written` returns when all earlier events are written.
        """
        begun = time.monotonic()
        late, batch = unwritten.late, unwritten.batch
        receipts: list[Receipt] = []
        for part in recovery.readable_parts(self._admission, late, bench):
            await_written()
            outcomes = self._compare(bench, part, Lost())
            if len(part) == len(late):
                self._admission.clear_landing()
                return partial(self._write_late, bench, part, outcomes, batch, begun)
            # One of them is to blame: each part is written before the bench takes the next.
            receipts += self._admit(bench, part, outcomes, batch, Lost())
        self._admission.clear_landing()
        return partial(self._end_late, bench, batch, receipts, begun)

    def make_again(self, bench: Bench, groups: Iterable[list[Kept]], lost: Lost) -> int:
        """Write the deliveries of lost batches anew, each once; returns the batch they are in
        now.
        """
        batch = lost.last
        receipts: list[Receipt] = []
        for kept in groups:
            self._supersession.note_origins(kept)
            for part in recovery.readable_parts(self._admission, kept, bench):
                batch += 1
                outcomes = self._compare(bench, part, lost)
                receipts += self._admit(bench, part, outcomes, batch, lost)
        # One row for all: until it is there a new crash begins the same recovery from its start.
        self._finish(batch, receipts)
        self._admission.clear_landing()
        self._admission.clear(bench)
        return batch

    def _write_late(
        self,
        bench: Bench,
        kept: Sequence[Kept],
        outcomes: Sequence[Outcome],
        batch: int,
        begun: float,
    ) -> None:
        receipts = self._admit(bench, kept, outcomes, batch, Lost())
        self._end_late(bench, batch, receipts, begun)

    def _end_late(
        self, bench: Bench, batch: int, receipts: Sequence[Receipt], begun: float
    ) -> None:
        self._finish(batch, receipts)
        self._admission.clear(bench)
        self.counted(receipts, time.monotonic() - begun)

    def _compare(self, bench: Bench, kept: list[Kept], lost: Lost) -> list[Outcome]:
        if any(one.given.protocol == refusal.UNREADABLE for one in kept):
            # It stands in the place of a body that could not be judged.
            self._admission.judge(kept, bench)
        return self._admission.compare(kept, lost, bench)

    def _admit(
        self,
        bench: Bench,
        kept: Sequence[Kept],
        outcomes: Sequence[Outcome],
        batch: int,
        lost: Lost,
    ) -> list[Receipt]:
        at = self._next_instant()
        names = {name for outcome in outcomes for name in outcome.sources}
        self._sources.register_unknown(names, at)
        quarantined = any(outcome.quarantined for outcome in outcomes)
        self._admission.store_staged(bench, batch, at, quarantined=quarantined)
        if lost.first <= lost.last:
            self._admission.restore_derived(bench, batch, at)
        self._supersession.apply(kept, bench, batch, at)
        receipts = [outcome.receipt(one.id) for one, outcome in zip(kept, outcomes, strict=True)]
        self._admission.close(receipts, batch, at)
        return receipts

    def _finish(self, batch: int, receipts: Sequence[Receipt]) -> None:
        rows = sum(receipt.stored for receipt in receipts)
        self._admission.finish(batch, self._admitted_at, rows)

    def _next_instant(self) -> datetime:
        """The time of admission only grows, whatever the machine's clock does."""
        self._admitted_at = max(self._clock.now(), self._admitted_at + timedelta(microseconds=1))
        return self._admitted_at


def _nobody(_: Sequence[Receipt], __: float) -> None:
    """Nobody asked."""
