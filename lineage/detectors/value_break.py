"""Money that went into a hop and did not come out of it, or the other way round."""

from core.settings import LineageSettings
from core.store import Store
from lineage.detector import DETECTOR_SQL, SQL, STAGE_TYPES, Detector


class HopDetector(Detector):
    """Compares what is connected by direct links: the whole of each part, however it is linked, and
    each document with its links where these carry amounts. What is compared is kept in hop_values.
    """

    def prepare(self, store: Store, turn: int, limits: LineageSettings) -> bool:
        """Gather all links that are connected with the subjects, label each connected part by its
        smallest object on the far side, and tell what went in and out of it.
        """
        connected = self._gather(store, limits)
        if connected:
            store.command(DETECTOR_SQL["value_break_parts"])
            store.command(SQL["clear_work_hop_sides"])
            store.command(DETECTOR_SQL["value_break_sides"])
            told = {"turn": turn, "tolerance": limits.value_tolerance}
            store.command(DETECTOR_SQL["value_break_values"], told)
        store.command(DETECTOR_SQL["value_break_withdraw"], {"turn": turn})
        return connected

    def _gather(self, store: Store, limits: LineageSettings) -> bool:
        store.command(SQL["clear_work_hops"])
        links = 0
        for depth in range(limits.walk_depth_max):
            store.command(DETECTOR_SQL["value_break_grow"], {"round": depth})
            if not store.value(DETECTOR_SQL["value_break_grown"], {"round": depth}):
                break
            store.command(DETECTOR_SQL["value_break_label"], {"round": depth})
            grown = int(store.value(DETECTOR_SQL["value_break_links"]))
            if grown == links:
                break
            links = grown
        if not links:
            return False
        base = limits.walk_depth_max + 1
        store.command(DETECTOR_SQL["value_break_spread"], {"round": base, "before": 0})
        for depth in range(base, base + limits.walk_depth_max):
            if not store.value(DETECTOR_SQL["value_break_unlike"], {"round": depth}):
                break
            store.command(DETECTOR_SQL["value_break_spread"], {"round": depth + 1, "before": depth})
        return True


DETECTOR = HopDetector(
    name="value_break",
    scope="objects",
    kinds=("value_break",),
    version="2",
    reads=(STAGE_TYPES,),
    tells=("explained_by",),
)
