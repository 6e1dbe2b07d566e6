"""The refresh wheel: one turn takes the newly admitted events and brings everything derived up to
date.

A turn finds what the new events can touch, tells those objects anew, walks up to the revenue
events that hang on them, and writes their paths and findings anew, all by set-based SQL with a
version of its own. Rows are only replaced, never edited, and the turn is recorded last: a turn
that was killed is simply made again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.clock import Clock
from core.errors import StoreRefused
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations, write_declarations
from lineage.credits import Credits
from lineage.detection import Detection
from lineage.detector import CONFLICTING, rules_in_force
from lineage.fence import TURNS_AN_EPOCH, Fence
from lineage.having import Having
from lineage.inference import Inference
from lineage.paths import Paths, grow
from lineage.ranges import hash_ranges
from lineage.reconcile import Controls
from lineage.steps import Steps
from lineage.turns import IDLE, REBUILDING, Span, TurnLog, TurnReport
from lineage.work import WorkStore

SQL = SqlFolder(__file__)
SEED_TABLES = (
    "seeds",
    "labels",
    "members",
    "said",
    "tangled",
    "ups",
    "correlation_ids",
    "correlations",
    "targets",
    "classes",
)
# What new events need to have for a step of a turn to have work.
ARRIVING = (
    ("linking", "seed_link_targets"),
    ("correlated", "seed_correlated"),
    ("spans", "seed_spans"),
    ("naming", "add_alias_edges"),
    ("keyed", "add_idempotency_uses"),
)
VERSIONED_TABLES = (
    "objects",
    "object_states",
    "links_up",
    "links_down",
    "tails",
    "paths",
    "credit_shares",
    "contract_terms",
    "finding_rows",
    "hop_values",
    "alias_classes",
)


class Wheel(Steps):
    """Owns every derived table of lineage. One wheel a warehouse; its methods may be called from
    any thread.
    """

    def __init__(
        self, store: Store, bounds: LineageSettings, clock: Clock, declared: Declarations
    ) -> None:
        self._fence = Fence(store, clock)
        self._work = WorkStore(self._fence.fenced(), self._fence.empty_work)
        super().__init__(self._work)
        self._bounds = bounds
        self._clock = clock
        self._log = TurnLog(self._store, clock)
        self._declared = declared
        self._detection = Detection(self._store, bounds)
        self._controls = Controls(self._store, bounds, declared.controls)
        self._credits = Credits(self._store, bounds)
        self._inference = Inference(self._store, bounds)
        self._paths = Paths(self._store, bounds, self._detection, self._credits)
        self._lock = threading.Lock()

    def turn(self) -> TurnReport:
        """Take the next closed batches; IDLE when there are none. The first turn that has any
        lays out the declarations. Raises WheelTaken when another process turns on the same server.
        """
        with self._turning():
            last = self._log.last()
            if last and last["config"] == REBUILDING:
                return self._rebuild()
            return self._turn(last)

    def run_until_idle(self) -> list[TurnReport]:
        """Turn until nothing is left and return what was done."""
        return list(iter(self.turn, IDLE))

    def rebuild(self) -> TurnReport:
        """Make everything anew from the events, with the declarations as they are now.

        What waits is turned first, so that what it ends is ended by it and by no changed rule. What
        is derived stays readable meanwhile; rows that were not written again go at the end. A wheel
        that turns on the same server meanwhile stops.
        """
        with self._turning():
            upto = self._store.rows(SQL["all_batches"])[0]["to_batch"]
            while (
                (last := self._log.last())
                and last["config"] != REBUILDING
                and last["batch"] < upto
                and self._turn(last) != IDLE
            ):
                pass
            return self._rebuild()

    def leave(self) -> None:
        """Give the place up: a wheel on the same server that this one had outdone goes on. In the
        middle of a turn it is kept, since the turn is.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._fence.leave()
            finally:
                self._lock.release()

    def differs(self) -> bool:
        """Say whether the declarations have changed since the paths were made: a rebuild applies
        them.
        """
        last = self._log.last()
        return last is not None and last["config"] != self._declared.version

    def _turn(self, last: dict[str, Any] | None) -> TurnReport:
        batch = last["batch"] if last else 0
        todo = self._store.rows(
            SQL["next_batches"], {"batch": batch, "events_max": self._bounds.turn_events_max}
        )[0]
        if not todo["to_batch"]:
            return IDLE
        if last is None:
            write_declarations(self._store, self._declared, self._bounds)
        config = last["config"] if last else self._declared.version
        known_all = last is None or self._log.killed(last)
        span = Span(self._begin(last, config), batch, todo["to_batch"], known_all)
        objects, roots = self._take(span)
        self._controls.run(span.turn, span.from_batch, span.to_batch)
        report = TurnReport(span.turn, todo["events"], objects, roots)
        self._fence.check()
        self._log.end(report, "turn", span.to_batch, config, todo["watermark"])
        return report

    def _rebuild(self) -> TurnReport:
        last = self._log.last()
        todo = self._store.rows(SQL["all_batches"])[0]
        # Killed from here on, the declarations are half laid out: the next turn rebuilds instead.
        span = Span(self._begin(last, REBUILDING), 0, todo["to_batch"], known_all=True)
        changed = last is not None and last["config"] != self._declared.version
        judged = rules_in_force(self._detection.detectors, changed=changed)
        # After a migration or a kill no turn can take what waits first: it may have ended anything.
        waited = last is None or last["batch"] < todo["to_batch"]
        judged |= {"turn": span.turn, "now": self._clock.now(), "waited": int(waited)}
        self._run(judged, "note_findings")
        write_declarations(self._store, self._declared, self._bounds)
        objects, roots = self._take_everything(span)
        self._controls.rebuild(span.turn, span.to_batch)
        self._run(judged, "retire_findings")
        for table in VERSIONED_TABLES:
            old = {"table": table, "turn": span.turn}
            if self._store.value(SQL["count_old"], old):
                self._store.command(SQL[f"drop_old_{table}"], old)
        report = TurnReport(span.turn, todo["events"], objects, roots)
        self._fence.check()
        version = self._declared.version
        self._log.end(report, "rebuild", span.to_batch, version, todo["watermark"])
        return report

    @contextmanager
    def _turning(self) -> Iterator[None]:
        """One turn at a time in this process, and only as long as no other one turns."""
        with self._lock:
            self._fence.enter()
            try:
                yield
            except StoreRefused:
                # A newer wheel has dropped the tables under the statement: that is why, then.
                self._fence.check()
                raise

    def _begin(self, last: dict[str, Any] | None, config: str) -> int:
        self._fence.check()
        self._work.begin()
        return self._log.begin(last, config, self._fence.epoch * TURNS_AN_EPOCH + 1)

    # --- one turn -----------------------------------------------------------------------------

    def _take(self, span: Span) -> tuple[int, int]:
        """Handle the events of some batches; returns how many objects and revenue events were
        told anew.
        """
        params = span.params()
        self._clear(*SEED_TABLES, "states", "ancestors")
        self._run(params, "seed_arrivals", "add_event_versions")
        arrived = self._store.rows(SQL["arrived"], params)[0]
        if arrived["fresh"] != arrived["arrivals"] and not span.known_all:
            span = replace(span, known_all=True)
            params = span.params()
            self._run(params, "add_event_versions")
            arrived = self._store.rows(SQL["arrived"], params)[0]
        for found, step in ARRIVING:
            if arrived[found]:
                self._run(params, step)
        if arrived["unsaid"]:
            self._unsay(params, "seed_unsaid")
        named = arrived["naming"] or arrived["aliases"]
        if arrived["unsaid"] or (named and self._store.value(SQL["count_alias_seeds"])):
            self._run(params, "start_labels")
            self._name_classes(span)
            self._run(params, "seed_alias_members", "seed_alias_neighbours", "seed_classmates")
        having = self._tell_objects(span)
        self._note_states(having)
        if having.rules:
            self._inference.infer(span.turn)
        self._tell_states(span, self._credits.settle() if having.credited else 0, having.spoken_of)
        conflicting = {CONFLICTING} if arrived["conflicting"] else set()
        touched = self._detection.note(having.facts | conflicting)
        self._run(params, "start_ancestors")
        grow(self._store, self._bounds, 0, "count_ancestors", "grow_ancestors")
        self._clear("root_queue", "starts")
        self._run({}, "note_roots", "queue_roots")
        roots = self._paths.tell(span.turn, credited=having.credited)
        self._detection.run("objects", span.turn, touched)
        self._detection.run_sources(params, refused=bool(arrived["refused"]))
        return having.members, roots

    def _take_everything(self, span: Span) -> tuple[int, int]:
        """The same from zero: each step over all ranges of objects before the next, as each reads
        the last.
        """
        params = span.params()
        if self._store.value(SQL["count_superseded"], params):
            self._unsay(params)
        held = int(self._store.value(SQL["count_objects"]))
        ranges = list(hash_ranges(held, self._bounds.chunk_objects_max))
        for bounds in ranges:
            self._clear("seeds")
            self._run(params | bounds, "seed_range", "add_event_versions")
            self._run(params, "add_alias_edges", "add_idempotency_uses")
        self._clear("labels")
        self._run(params, "label_everything")
        self._name_classes(span)
        objects = 0
        # What is only ever linked to comes last: until then it may still turn up by itself.
        for seed in ("seed_range", "seed_unseen_ups"):
            for bounds in ranges:
                self._clear(*SEED_TABLES)
                self._run(params | bounds, seed)
                if self._store.value(SQL["count_seeds"]):
                    self._run(params, "seed_classmates")
                    objects += self._tell_objects(span).members
                    self._inference.note()
        self._inference.infer_everything(span.turn)
        self._clear("root_queue", "members", "said")
        settled = self._credits.settle_everything()
        for bounds in ranges:
            self._clear("states", "ancestors", "starts")
            self._run(params | bounds, "states_range")
            self._tell_states(span, settled, True)
            self._detection.note()
            self._run(params | bounds, "ancestors_range", "note_roots", "queue_roots")
        self._clear("states", "ancestors", "places")
        roots = self._paths.tell(span.turn, credited=True, placing=True)
        for bounds in ranges:
            self._run(bounds, "place_rest")
        for bounds in self._placed(ranges):
            self._clear("states", "near")
            self._run(bounds, "states_placed", "hold_placed")
            self._detection.run("objects", span.turn, self._detection.touched())
        self._detection.run_sources(params)
        return objects, roots

    def _placed(self, ranges: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Slices of the placed objects: what is compared with each other is in one of them, by far
        most of it, so that it has little more at hand than its own. Where too many have one place
        they are taken apart.
        """
        for bounds in ranges:
            places = {"from_place": bounds["from_hash"], "to_place": bounds["to_hash"]}
            held = int(self._store.value(SQL["count_placed"], places))
            for part in hash_ranges(held, 2 * self._bounds.chunk_objects_max):
                yield places | part

    def _unsay(self, params: dict[str, Any], *before: str) -> None:
        """Take back what only superseded events said of keys and names; all else that hangs on
        events is told anew with their objects.
        """
        for name in (*before, "unsay_keys", "unsay_aliases"):
            for statement in SQL.statements(name):
                self._store.command(statement, params)

    def _name_classes(self, span: Span) -> None:
        """Find the connected ids of the labels and name each class by its smallest id."""
        while True:
            before = self._store.value(SQL["count_labels"])
            self._run({}, "grow_labels")
            if self._store.value(SQL["count_labels"]) == before:
                break
        labels_round = 0
        while True:
            params = {"round": labels_round}
            self._run(params, "spread_labels")
            if not self._store.value(SQL["labels_moved"], params):
                break
            labels_round += 1
        self._run(span.params() | {"round": labels_round}, "write_alias_classes")

    def _tell_objects(self, span: Span) -> Having:
        """Write the rows of the seeded objects: their own events and their links upstream; returns
        what these have.
        """
        params = span.params() | {
            "objects_max": self._bounds.correlation_objects_max,
            "pairs_max": self._bounds.correlation_pairs_max,
        }
        self._run(params, "write_members", "hold_said", "note_tangled")
        having = Having.asked(self._store)
        if having.linking:
            self._run(params, "note_targets")
        if having.correlated:
            self._run(params, "note_correlation_ids")
        if having.aliases:
            self._run(params, "note_classes")
        if having.linking:
            self._run(params, "add_asserted_ups")
        if having.correlated:
            self._run(params, "note_correlations", "add_correlated_ups")
        if having.linking or having.correlated or having.linked:
            self._run(params, "add_links_up", "add_links_down")
        if having.reversing:
            self._run(params, "add_taken_objects")
        if having.members > having.tangled:
            self._run(params, "write_objects")
        if having.tangled:
            self._run(params, "write_tangled_objects", "retire_aliases", "retire_alias_paths")
        if having.failing:
            self._run(params, "add_failed_objects")
        if having.contracts:
            self._run(params, "write_contract_terms")
        return having

    def _note_states(self, having: Having) -> None:
        """Note whose state is to be told anew: the changed objects, and those they bear on."""
        self._run({}, "note_states")
        if (having.linking or having.linked) and (having.credited or having.failures):
            self._run({}, "note_linked_states")
        if having.keyed:
            self._run({}, "note_keyed_states")

    def _tell_states(self, span: Span, settled: int, spoken_of: bool) -> None:
        """Write what other objects say of the noted ones, where they say anything; who is reversed
        by others is settled already.
        """
        if not spoken_of:
            return
        self._clear("suspects")
        self._run({}, "note_suspects")
        if self._store.value(SQL["count_suspects"]):
            self._run(span.params() | {"settled": settled}, "write_states")
