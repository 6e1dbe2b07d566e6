"""The wheel as this program turns it: after each turn that told findings anew, the cases hear which
of those that people decided about are over.
"""

from alerts.cases import Cases
from core.clock import Clock
from core.settings import LineageSettings
from core.store import Store
from lineage.config import Declarations
from lineage.refresh import Wheel
from lineage.turns import TurnReport


class ObservedWheel(Wheel):
    """A wheel whose turns close cases. The first turn does so in any case, since an earlier
    process may have died between the two.
    """

    def __init__(
        self,
        store: Store,
        bounds: LineageSettings,
        clock: Clock,
        declared: Declarations,
        cases: Cases,
    ) -> None:
        super().__init__(store, bounds, clock, declared)
        self._cases = cases
        self._begun = False

    def turn(self) -> TurnReport:
        report = super().turn()
        if report.events or not self._begun:
            self._cases.note_closed()
            self._begun = True
        return report

    def rebuild(self) -> TurnReport:
        report = super().rebuild()
        self._cases.note_closed()
        return report
