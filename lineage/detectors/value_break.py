"""Money that went into a hop and did not come out of it, or the other way round."""

from typing import Any

from core.settings import LineageSettings
from core.store import Store
from lineage.detector import DETECTOR_SQL, JOINED, SQL, STAGE_TYPES, Detector


class HopDetector(Detector):
    """Compares what is connected by direct links: the whole of each part, however it is linked, and
    each document with its links where these carry amounts. What is compared is kept in hop_values.
    """

    def prepare(self, store: Store, turn: int, limits: LineageSettings) -> bool:
        """Gather all links that are connected with the subjects, label each connected part by its
        smallest object on the far side, and tell what went in and out of it.
        """
        told = {"turn": turn, "tolerance": limits.value_tolerance}
        uneven = self._gather(store, limits) and self._compare(store, told)
        self._run(store, told, "withdraw")
        return uneven

    def _compare(self, store: Store, told: dict[str, Any]) -> bool:
        """Sum up the sides of all parts; what does not come out is asked for its reasons."""
        self._run(store, told, "parts")
        self._clear(store, "sides", "sums")
        self._run(store, told, "sides", "sums", "even")
        found = store.rows(DETECTOR_SQL["value_break_found"])[0]
        if found["questioned"]:
            self._clear(store, "names")
            self._run(store, told, "names", "values")
        if not found["uneven"] and not found["lost"]:
            return False
        self._clear(store, "lost", "told")
        if found["lost"]:
            self._run(store, told, "lost")
        self._run(store, told, "told")
        return True

    def _run(self, store: Store, params: dict[str, Any], *steps: str) -> None:
        for step in steps:
            store.command(DETECTOR_SQL[f"value_break_{step}"], params)

    def _clear(self, store: Store, *tables: str) -> None:
        for table in tables:
            store.command(SQL[f"clear_work_hop_{table}"])

    def _gather(self, store: Store, limits: LineageSettings) -> bool:
        store.command(SQL["clear_work_hops"])
        links = 0
        for depth in range(limits.walk_depth_max):
            store.command(SQL["hold_hop_downs"], {"round": depth})
            store.command(SQL["hold_hop_made"], {"round": depth})
            store.command(DETECTOR_SQL["value_break_grow"], {"round": depth})
            if not store.value(DETECTOR_SQL["value_break_grown"], {"round": depth}):
                break
            store.command(SQL["hold_hop_ends"], {"round": depth})
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
    needs=(JOINED,),
    tells=("explained_by",),
)
