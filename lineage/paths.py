"""The paths' part of a turn: from queued revenue events to their paths and findings, in slices."""

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.credits import Credits
from lineage.detection import Detection
from lineage.ranges import hash_ranges
from lineage.steps import Steps

SQL = SqlFolder(__file__)
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
    "told",
)


class Paths(Steps):
    """Writes paths and tails, for the wheel, which queues whose."""

    def __init__(
        self, store: Store, bounds: LineageSettings, detection: Detection, credits: Credits
    ) -> None:
        super().__init__(store)
        self._bounds = bounds
        self._detection = detection
        self._credits = credits

    def tell(self, turn: int, *, credited: bool, placing: bool = False) -> int:
        """Write the paths and findings of all queued revenue events, slice by slice; those with
        the same tail are in the same slice. Not `credited`: nothing takes anything off anything.
        `placing`: note beside whom what is on them is looked at. Returns how many were written:
        not all that is queued has come onto a path.
        """
        queued = self._store.rows(SQL["count_queue"])[0]
        roots, written = int(queued["roots"]), 0
        self._clear("credited")
        if credited:
            self._run({}, "note_renamed_bearers")
        for bounds in hash_ranges(roots, self._bounds.chunk_objects_max) if roots else ():
            self._clear("near", *PATH_TABLES)
            self._run(bounds, "take_roots")
            if queued["tails"]:
                self._walk()
            else:
                self._run({}, "hold_paths")
            self._run({}, "write_ends", "write_owns", "write_shapes", "write_work_paths")
            self._run({}, "write_dues", *(["place_on_paths"] if placing else []))
            told = self._store.rows(SQL["count_unprocessed"])[0]
            written += int(told["paths"])
            if told["unprocessed"]:
                self._run({"turn": turn}, "retire_unprocessed")
            self._run({"turn": turn}, *(["write_tails"] if queued["tails"] else []))
            self._run({"turn": turn}, "tell_paths", "write_paths")
            if credited:
                self._run({}, "note_credited")
            self._detection.run("roots", turn)
        # What was told last stays at hand for the detectors of objects.
        self._clear(*(name for name in PATH_TABLES if name != "told"))
        if credited:
            self._credits.share_out(turn)
        return written

    def _walk(self) -> None:
        """What is behind the revenue events: everything they lead to, and by which way."""
        self._run({}, "start_nodes")
        deep = grow(self._store, self._bounds, 1, "count_nodes", "grow_edges", "grow_nodes")
        ranked = ["rank_edges"] if deep else []
        self._run({}, "hold_paths", "write_parts", *ranked, "start_pairs")
        if deep:
            grow(self._store, self._bounds, 0, "count_pairs", "grow_pairs")
        self._run({}, "write_covers")


def grow(store: Store, bounds: LineageSettings, start: int, count: str, *steps: str) -> int:
    """Repeat steps level by level as long as a count says that they would find something of the
    newest level; returns how often that was.
    """
    for depth in range(start, bounds.walk_depth_max):
        params = {"depth": depth}
        if not store.value(SQL[count], params):
            return depth - start
        for step in steps:
            store.command(SQL[step], params)
    return bounds.walk_depth_max - start
