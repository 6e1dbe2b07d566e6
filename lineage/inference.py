"""Links that nothing says and a match rule infers: the weakest grade, only where there is no other.

Objects of a rule are put in blocks of those that agree in all it asks for, so only few are compared
with each other, and the assignment of a block hangs on nothing outside of it. A turn looks at the
blocks of whatever it has told anew, and writes the objects whose inferred link has changed.
"""

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.ranges import hash_ranges
from lineage.steps import Steps

SQL = SqlFolder(__file__)


class Inference(Steps):
    """The steps of a turn that match objects; none, when no rule is laid out: what is declared
    takes effect with a rebuild.
    """

    def __init__(self, store: Store, bounds: LineageSettings) -> None:
        super().__init__(store)
        self._bounds = bounds

    def infer(self, turn: int) -> None:
        """Look at the blocks of what was told anew, where there is any rule; whose link has changed
        is noted, beside the states to be told anew.
        """
        self._run({}, "clear_work_matchable", "clear_work_blocks", "clear_work_rematched")
        self._run({}, "note_matchable", "add_match_keys", "note_blocks")
        if self._count("blocks"):
            self._match(turn)
            self._run({}, "note_rematched_states")

    def note(self) -> None:
        """Put the objects that were told anew in their blocks; for a rebuild."""
        if self._count("match_rules"):
            self._run({}, "clear_work_matchable", "note_matchable", "add_match_keys")

    def infer_everything(self, turn: int) -> None:
        """Look at all blocks there are; for a rebuild."""
        if not self._count("match_rules"):
            return
        for bounds in hash_ranges(self._count("match_keys"), self._bounds.chunk_objects_max):
            self._run({}, "clear_work_matchable", "clear_work_blocks", "clear_work_rematched")
            self._run(bounds, "blocks_range")
            if self._count("blocks"):
                self._match(turn)

    def _match(self, turn: int) -> None:
        params = {"turn": turn, "objects_max": self._bounds.match_objects_max}
        self._run({}, "clear_work_candidates", "clear_work_matches")
        self._run(params, "note_block_members", "note_candidates", "write_matches")
        self._run({}, "note_rematched")
        if self._count("rematched"):
            self._run(params, "infer_links_down", "infer_links_up", "infer_objects")

    def _count(self, table: str) -> int:
        return int(self._store.value(SQL[f"count_{table}"]))
