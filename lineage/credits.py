"""What objects take off others: whom they reverse in full, and who bears what they take in part.

Whether an object is reversed may hang on whether another is that reverses it, and so on, so this is
settled in rounds before anything else is told of states. What memos take off in part is shared out
when the paths are written: everybody who has the object on his path bears a share of it, so one
changed revenue event can change the share of others whose paths are as they were.
"""

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.ranges import hash_ranges
from lineage.steps import Steps

SQL = SqlFolder(__file__)


class Credits(Steps):
    """The steps of a turn that look at what objects take off others."""

    def __init__(self, store: Store, bounds: LineageSettings) -> None:
        super().__init__(store)
        self._bounds = bounds

    def settle(self) -> int:
        """Find out whom of the noted objects others reverse, and return the round that
        `write_states` goes by; for one turn.

        What they take off others hangs on it, so the states of those are noted, too.
        """
        before = -1
        while True:
            self._run({}, "clear_work_taken", "note_taken")
            taken = self._count("taken")
            if taken in (0, before):
                return self._settle() if taken else 0
            self._run({}, "spread_states")
            before = taken

    def settle_everything(self) -> int:
        """The same of all objects there are; for a rebuild."""
        self._run({}, "clear_work_taken", "note_all_taken")
        return self._settle() if self._count("taken") else 0

    def _settle(self) -> int:
        """Each round takes the last one at its word: what it found reversed takes nothing off.

        From the second on they close in upon the truth from both sides; where objects reverse each
        other in a ring there is none, and all of them count as reversed.
        """
        self._run({}, "clear_work_takings", "clear_work_reversed")
        self._run({"round": 0}, "note_takings", "settle_round")
        found = 1
        while self._of_round("count_doubted", found) and found < 2 * self._bounds.walk_depth_max:
            self._run({"round": found}, "settle_round")
            self._run({"round": found + 1}, "settle_round")
            found += 2
            counts = {self._of_round("count_reversed", each) for each in (found - 2, found)}
            if len(counts) == 1:
                break
        return found

    def share_out(self, turn: int) -> None:
        """Share out anew what is taken off the noted objects, and write the paths whose share has
        changed.
        """
        objects = int(self._count("credited"))
        for bounds in hash_ranges(objects, self._bounds.chunk_objects_max) if objects else ():
            params = bounds | {"turn": turn}
            self._run({}, "clear_work_credits", "clear_work_bearers", "clear_work_bearings")
            self._run(params, "note_credits", "start_bearers")
            for depth in range(self._bounds.walk_depth_max):
                self._run({"depth": depth}, "grow_bearings", "grow_bearers")
                if not self._store.value(SQL["count_bearers"], {"depth": depth + 1}):
                    break
            self._run(params, "write_credit_shares", "withdraw_credit_shares")
        if objects:
            self._run({"turn": turn}, "credit_paths")

    def _count(self, table: str) -> int:
        return int(self._store.value(SQL[f"count_{table}"]))

    def _of_round(self, name: str, number: int) -> int:
        return int(self._store.value(SQL[name], {"round": number}))
