"""CONTRACT of a detector: one stem in `lineage/detectors/`, a `.py` that declares it and a `.sql`
that finds.

The SQL is one `SELECT` of the columns of `finding_rows` but detector, version and deleted; columns
of `ABSENT` only where the detector declares that it `tells` them. Its scope says what it looks at:
`roots` = the revenue events of the present slice (work_roots, work_pairs, work_parts, paths),
`objects` = the objects whose state was told anew (work_states), or what `<stem>_subjects.sql` makes
of them (work_subjects), `sources` = those that sent something or were refused (work_sources),
`controls` = the contracts whose rows were told anew (work_control_contracts). `<stem>_note.sql`, if
there, notes before any detector looks what subjects are looked up by. It MUST return every finding
of each subject in its scope and nothing of others, so that what it does not say again can be
withdrawn; it MUST take no time but that of the data, so that running it twice gives the same rows.
What went by an observed event is still a finding: it MUST say so by `resolved_at`, `resolved_by`
alone from the data, so that a rebuild from zero says the same.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

from core.errors import ConfigInvalid
from core.settings import LineageSettings
from core.store import SqlFolder, Store

FOLDER = Path(__file__).parent / "detectors"
SQL = SqlFolder(__file__)
DETECTOR_SQL = SqlFolder(__file__, "detectors")
LIMITS = LineageSettings()

# What only some detectors tell, and what stands for it where one does not.
ABSENT = {
    "score": "NULL",
    "code": "''",
    "fingerprint": "''",
    "mapping": "''",
    "mapping_version": "''",
    "explained_by": "[]",
}

Scope = Literal["roots", "objects", "sources", "controls"]


@dataclass(frozen=True)
class Detector:
    """What a detector's module declares as DETECTOR."""

    name: str
    scope: Scope
    kinds: tuple[str, ...]
    version: str
    tells: tuple[str, ...] = ()

    def note(self, store: Store) -> None:
        """Note what the touched objects are looked up by, where the detector needs that."""
        own = f"{self.name}_note"
        if own in DETECTOR_SQL.names():
            store.command(DETECTOR_SQL[own])

    def prepare(self, store: Store, turn: int, limits: LineageSettings) -> bool:
        """Gather what the query reads beyond its subjects, which most detectors need not; False
        says that it would find nothing.
        """
        return True

    def run(self, store: Store, turn: int, limits: LineageSettings = LIMITS) -> None:
        """Write what the detector finds in its scope and withdraw what it found there before and
        not now.
        """
        params = {
            "detector": self.name,
            "turn": turn,
            "rule_version": self.version,
            "tolerance": limits.value_tolerance,
            "grace_seconds": int(limits.orphan_grace_hours * 3600),
            "objects_max": limits.correlation_objects_max,
            "pairs_max": limits.correlation_pairs_max,
        }
        if self.scope == "objects":
            own = f"{self.name}_subjects"
            store.command(SQL["clear_work_subjects"])
            store.command(
                DETECTOR_SQL[own] if own in DETECTOR_SQL.names() else SQL["note_subjects"]
            )
        if self.prepare(store, turn, limits):
            store.command(insert_statement(self), params)
        store.command(SQL[f"withdraw_{self.scope}"], params)


def insert_statement(detector: Detector) -> str:
    """The detector's query, wrapped so that its columns go to their places by name."""
    also = (name if name in detector.tells else absent for name, absent in ABSENT.items())
    wrapped = SQL.raw("write_findings").replace("{{also}}", ", ".join(also))
    return wrapped.replace("{{found}}", DETECTOR_SQL[detector.name])


def load_detectors() -> tuple[Detector, ...]:
    """All detectors of the folder by name; raises ConfigInvalid when a stem is not whole."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem == "__init__":
            continue
        detector = getattr(import_module(f"lineage.detectors.{path.stem}"), "DETECTOR", None)
        if not isinstance(detector, Detector) or detector.name != path.stem:
            raise ConfigInvalid(
                f"lineage/detectors/{path.name}", "declares no DETECTOR of its own name"
            )
        if path.stem not in DETECTOR_SQL.names():
            raise ConfigInvalid(f"lineage/detectors/{path.stem}.sql", "is not there")
        strange = sorted(set(detector.tells) - set(ABSENT))
        if strange:
            raise ConfigInvalid(f"lineage/detectors/{path.name}", f"tells {', '.join(strange)}")
        found.append(detector)
    return tuple(found)
