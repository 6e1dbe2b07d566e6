"""Objects that are said to be made from each other in a ring."""

from core.settings import LineageSettings
from core.store import Store
from lineage.detector import DETECTOR_SQL, LINKED, SQL, Detector


class RingDetector(Detector):
    """Walks from links that lead back in the order of processes: every ring has one."""

    def prepare(self, store: Store, turn: int, limits: LineageSettings) -> bool:
        """Find what can be reached from the ends of such links, and from what they can be."""
        store.command(SQL["clear_work_rings"])
        store.command(DETECTOR_SQL["link_cycle_start"])
        reached = int(store.value(DETECTOR_SQL["link_cycle_count"]))
        for depth in range(limits.walk_depth_max if reached else 0):
            store.command(DETECTOR_SQL["link_cycle_grow"], {"depth": depth})
            grown = int(store.value(DETECTOR_SQL["link_cycle_count"]))
            if grown == reached:
                break
            reached = grown
        if reached:
            store.command(DETECTOR_SQL["link_cycle_members"])
        return reached > 0


DETECTOR = RingDetector(
    name="link_cycle",
    scope="objects",
    kinds=("governance/link_cycle",),
    version="1",
    reads=(LINKED,),
)
