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
from typing import Any

from core.clock import Clock
from core.errors import StoreRefused
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations, write_declarations
from lineage.credits import Credits
from lineage.detection import Detection
from lineage.detector import WRITING, rules_in_force
from lineage.fence import TURNS_AN_EPOCH, Fence
from lineage.inference import Inference
from lineage.ranges import hash_ranges
from lineage.reconcile import Controls
from lineage.turns import IDLE, REBUILDING, Span, TurnLog, TurnReport

SQL = SqlFolder(__file__)
SEED_TABLES = (
    "seeds",
    "labels",
    "members",
    "tangled",
    "ups",
    "correlation_ids",
    "correlations",
    "targets",
    "classes",
)
PATH_TABLES = (
    "roots",
    "nodes",
    "edges",
    "steps",
    "pairs",
    "parts",
    "covers",
    "ends",
    "owns",
    "shapes",
    "paths",
    "dues",
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


class Wheel:
    """Owns every derived table of lineage. One wheel a warehouse; its methods may be called from
    any thread.
    """

    def __init__(
        self, store: Store, bounds: LineageSettings, clock: Clock, declared: Declarations
    ) -> None:
        self._fence = Fence(store, clock)
        self._store = self._fence.fenced()
        self._bounds = bounds
        self._clock = clock
        self._log = TurnLog(self._store, clock)
        self._declared = declared
        self._detection = Detection(self._store, bounds)
        self._controls = Controls(self._store, bounds, declared.controls)
        self._credits = Credits(self._store, bounds)
        self._inference = Inference(self._store, bounds)
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
        span = Span(self._begin(last, config), batch, todo["to_batch"])
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
        span = Span(self._begin(last, REBUILDING), 0, todo["to_batch"])
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
        return self._log.begin(last, config, self._fence.epoch * TURNS_AN_EPOCH + 1)

    # --- one turn -----------------------------------------------------------------------------

    def _take(self, span: Span) -> tuple[int, int]:
        """Handle the events of some batches; returns how many objects and revenue events were
        told anew.
        """
        params = span.params()
        self._clear(*SEED_TABLES, "states", "ancestors")
        self._run(params, "seed_arrivals")
        self._run(params, "add_event_versions")
        arrived = self._store.rows(SQL["arrived"], params)[0]
        for found, step in ARRIVING:
            if arrived[found]:
                self._run(params, step)
        if arrived["unsaid"]:
            self._unsay(params, "seed_unsaid")
        if arrived["unsaid"] or self._store.value(SQL["count_alias_seeds"]):
            self._run(params, "start_labels")
            self._name_classes(span)
            self._run(params, "seed_alias_members", "seed_alias_neighbours", "seed_classmates")
        self._tell_objects(span)
        self._run(params, "note_states")
        self._inference.infer(span.turn)
        self._tell_states(span, self._credits.settle())
        touched = self._detection.note()
        self._run(params, "start_ancestors")
        self._grow(0, "grow_ancestors", "count_ancestors")
        objects = int(self._store.value(SQL["count_members"]))
        self._clear("root_queue", "starts")
        self._run({}, "note_roots", "queue_roots")
        roots = self._tell_paths(span)
        self._detection.run("objects", span.turn, touched)
        self._detection.run_sources(params)
        return objects, roots

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
                    self._tell_objects(span)
                    self._inference.note()
                    objects += int(self._store.value(SQL["count_members"]))
        self._inference.infer_everything(span.turn)
        self._clear("root_queue", "members")
        settled = self._credits.settle_everything()
        for bounds in ranges:
            self._clear("states", "ancestors", "starts")
            self._run(params | bounds, "states_range")
            self._tell_states(span, settled)
            self._detection.note()
            self._run(params | bounds, "ancestors_range", "note_roots", "queue_roots")
        roots = self._tell_paths(span)
        for bounds in ranges:
            self._clear("states")
            self._run(params | bounds, "states_range")
            self._detection.run("objects", span.turn, self._detection.touched())
        self._detection.run_sources(params)
        return objects, roots

    def _unsay(self, params: dict[str, Any], *before: str) -> None:
        """Take back what only superseded events said of keys and names; all else that hangs on
        events is told anew with their objects.
        """
        for name in (*before, "unsay_keys", "unsay_aliases"):
            for statement in SQL.statements(name):
                self._store.command(statement, params, settings=WRITING)

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

    def _tell_objects(self, span: Span) -> None:
        """Write the rows of the seeded objects: their own events and their links upstream."""
        params = span.params() | {
            "objects_max": self._bounds.correlation_objects_max,
            "pairs_max": self._bounds.correlation_pairs_max,
        }
        self._run(params, "write_members", "note_tangled")
        having = self._store.rows(SQL["members_have"])[0]
        if having["linking"]:
            self._run(params, "note_targets")
        if having["correlated"]:
            self._run(params, "note_correlation_ids")
        self._run(params, "note_classes")
        if having["linking"]:
            self._run(params, "add_asserted_ups")
        if having["correlated"]:
            self._run(params, "note_correlations", "add_correlated_ups")
        if self._store.value(SQL["count_ups"]):
            self._run(params, "add_links_up", "add_links_down")
        self._run(params, "add_taken_objects", "write_objects")
        if self._store.value(SQL["count_tangled"]):
            self._run(params, "write_tangled_objects", "retire_aliases", "retire_alias_paths")
        self._run(params, "add_failed_objects", "write_contract_terms")

    def _tell_states(self, span: Span, settled: int) -> None:
        """Write what other objects say of the noted ones, where they say anything; who is reversed
        by others is settled already.
        """
        self._clear("suspects")
        self._run({}, "note_suspects")
        if self._store.value(SQL["count_suspects"]):
            self._run(span.params() | {"settled": settled}, "write_states")

    # --- paths --------------------------------------------------------------------------------

    def _tell_paths(self, span: Span) -> int:
        """Write the paths and findings of all queued revenue events, slice by slice; those with
        the same tail are in the same slice.
        """
        roots = int(self._store.value(SQL["count_queue"]))
        self._clear("credited")
        for bounds in hash_ranges(roots, self._bounds.chunk_objects_max) if roots else ():
            self._clear(*PATH_TABLES)
            self._run(bounds, "take_roots", "start_nodes")
            self._grow(1, "grow_edges", "grow_nodes", "count_nodes")
            self._run({}, "write_parts", "rank_edges", "start_pairs")
            self._grow(0, "grow_pairs", "count_pairs")
            self._run({}, "write_covers", "write_ends", "write_owns", "write_shapes")
            self._run({}, "write_work_paths", "write_dues")
            self._run(span.params(), "retire_unprocessed", "write_tails", "write_paths")
            self._run({}, "note_credited")
            self._detection.run("roots", span.turn)
        self._clear(*PATH_TABLES)
        self._credits.share_out(span.turn)
        return roots

    def _grow(self, start: int, *steps: str) -> None:
        """Repeat steps level by level until the last of them, a count of the next level, says
        that it is empty.
        """
        *work, count = steps
        for depth in range(start, self._bounds.walk_depth_max):
            self._run({"depth": depth}, *work)
            if not self._store.value(SQL[count], {"depth": depth + 1}):
                return

    def _run(self, params: dict[str, Any], *names: str) -> None:
        for name in names:
            self._store.command(SQL[name], params, settings=WRITING)

    def _clear(self, *tables: str) -> None:
        for table in tables:
            self._store.command(SQL[f"clear_work_{table}"])
