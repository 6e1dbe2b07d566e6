"""The detectors' part of a turn: which of them look, and what they look at."""

from collections.abc import Iterable
from typing import Any

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.detector import (
    FACTS,
    ROOT_TYPES,
    STAGE_TYPES,
    Scope,
    Touched,
    detect,
    load_detectors,
)

SQL = SqlFolder(__file__)


class Detection:
    """Runs detectors for the wheel, which owns what they read."""

    def __init__(self, store: Store, bounds: LineageSettings) -> None:
        self._store = store
        self._bounds = bounds
        self.detectors = load_detectors()
        self._types: set[str] = set()

    def touched(self, facts: Iterable[str] = FACTS) -> Touched:
        """What the states are about; types that are new are kept, for whoever looks for an id."""
        touched = Touched.asked(self._store, facts)
        new = sorted(touched.types - self._types - {ROOT_TYPES, STAGE_TYPES, *FACTS})
        self._store.insert("object_types", ["object_type"], [[each] for each in new])
        self._types.update(new)
        return touched

    def note(self, facts: Iterable[str] = FACTS) -> Touched:
        """Note what detectors look subjects up by; returns what the states are about."""
        touched = self.touched(facts)
        for detector in self.detectors:
            if detector.scope == "objects" and detector.concerned(touched):
                detector.note(self._store)
        return touched

    def run(self, scope: Scope, turn: int, touched: Touched | None = None) -> None:
        """Run the detectors of a scope that what was touched concerns; what a detector said before
        of the same subjects and not again is withdrawn.
        """
        asked = [each for each in self.detectors if each.scope == scope]
        if touched is not None:
            asked = [each for each in asked if each.concerned(touched)]
        if scope == "objects":
            for name in ("clear_work_downs", "hold_touched", "hold_downs"):
                self._store.command(SQL[name])
        detect(self._store, asked, turn, self._bounds)

    def run_sources(self, params: dict[str, Any], *, refused: bool = True) -> None:
        """Note who sent what and what was refused, if anything was, and run the detectors of
        sources.
        """
        self._store.command(SQL["clear_work_sources"])
        noted = ["note_sources", "note_source_facts", "note_source_hours"]
        for name in [*noted, *(["note_refused_sources", "note_refusals"] if refused else [])]:
            self._store.command(SQL[name], params)
        self.run("sources", params["turn"])
