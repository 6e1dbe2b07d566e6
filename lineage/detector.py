"""CONTRACT of a detector: one stem in `lineage/detectors/`, a `.py` that declares it and a `.sql`
that finds.

The SQL is one `SELECT` of the columns of `finding_rows` but detector, version and deleted; columns
of `ABSENT` only where the detector declares that it `tells` them. Its scope says what it looks at:
`roots` = the revenue events of the present slice (work_roots, work_pairs, work_parts, paths),
`objects` = the objects whose state was told anew (work_states), or what `<stem>_subjects.sql` makes
of them (work_subjects), `sources` = those that sent something or were refused (work_sources),
`controls` = the contracts whose rows were told anew (work_control_contracts). One that adds to its
subjects MUST have subjects of its own, since the others share theirs and would withdraw what they
found. `<stem>_note.sql`, if there, notes before any detector looks what subjects are looked up by.
It MUST return every finding of each subject in its scope and nothing of others, so that what it
does not say again can be withdrawn; it MUST take no time but that of the data, so that running it
twice gives the same rows. What went by an observed event is still a finding: it MUST say so by
`resolved_at`, `resolved_by` alone from the data, so that a rebuild from zero says the same.

`reads` names the object types that it looks at, or facts (`FACTS`): a turn that touched none of
them leaves it alone, so no object of another type MUST bear on what it finds. `needs` names facts
of which each must hold, or it finds nothing and has found nothing. `<stem>_gather.sql`, if there,
fills a work table that the query reads, and `<stem>_any.sql` asks cheaply whether it could find
anything of its subjects at all; what it found before is withdrawn either way. `holds` names what it
reads in `work_near`, the objects at hand, beside those on the paths of the slice, and in
`work_downs` beside what was made from the touched objects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from core.errors import ConfigInvalid
from core.settings import LineageSettings
from core.store import SqlFolder, Store

FOLDER = Path(__file__).parent / "detectors"
SQL = SqlFolder(__file__)
DETECTOR_SQL = SqlFolder(__file__, "detectors")
STEMS = frozenset(DETECTOR_SQL.names())
LIMITS = LineageSettings()
# What a detector may read beside types by name: those of revenue events, and those of any stage.
ROOT_TYPES, STAGE_TYPES = "@roots", "@stages"
# And beside types: whether any of the told objects carries a correlation id or an idempotency key,
# was ever made from anything, that or something from it, or has another name; and whether an id of
# the new events, or any ever, has two contents.
CORRELATED, KEYED, LINKED, JOINED, RENAMED = "@correlated", "@keyed", "@linked", "@joined", "@named"
CONFLICTING = "@conflicting"
FACTS = (CORRELATED, KEYED, LINKED, JOINED, RENAMED, CONFLICTING)

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
class Touched:
    """What a turn has touched, as far as it decides which detectors look."""

    types: frozenset[str]

    @classmethod
    def asked(cls, store: Store, facts: Iterable[str] = FACTS) -> "Touched":
        """The types of the objects whose state is told anew, under any of their names; and the
        facts that hold of them, all when nobody knows.
        """
        row = store.rows(SQL["touched"])[0]
        types = {*row["types"]}
        types |= {ROOT_TYPES} if types & {*row["root_types"]} else set()
        types |= {STAGE_TYPES} if types & {*row["stage_types"]} else set()
        return cls(frozenset({*types, *facts}))


@dataclass(frozen=True)
class Detector:
    """What a detector's module declares as DETECTOR; `reads` nothing by name means everything."""

    name: str
    scope: Scope
    kinds: tuple[str, ...]
    version: str
    reads: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    def concerned(self, touched: Touched) -> bool:
        """Say whether a turn touched anything that bears on what the detector finds."""
        if not touched.types.issuperset(self.needs):
            return False
        return not self.reads or not touched.types.isdisjoint(self.reads)

    def note(self, store: Store) -> None:
        """Note what the touched objects are looked up by, where the detector needs that."""
        own = f"{self.name}_note"
        if own in STEMS:
            store.command(DETECTOR_SQL[own])

    def prepare(self, store: Store, turn: int, limits: LineageSettings) -> bool:
        """Gather what the query reads beyond its subjects, which most detectors need not; False
        says that it would find nothing.
        """
        if f"{self.name}_gather" in STEMS:
            params = _params(self, turn, limits)
            for statement in DETECTOR_SQL.statements(f"{self.name}_gather"):
                store.command(statement, params)
        return True

    def run(self, store: Store, turn: int, limits: LineageSettings = LIMITS) -> None:
        """Write what the detector finds in its scope and withdraw what it found there before and
        not now.
        """
        self.gather_subjects(store)
        find(store, [self], turn, limits)

    def gather_subjects(self, store: Store) -> None:
        """Note the objects that a detector of objects looks at."""
        if self.scope == "objects":
            own = f"{self.name}_subjects"
            store.command(SQL["clear_work_subjects"])
            store.command(DETECTOR_SQL[own] if own in STEMS else SQL["note_subjects"])


def detect(store: Store, detectors: Iterable[Detector], turn: int, limits: LineageSettings) -> None:
    """Run detectors of one scope. Some of those that look at objects have subjects of their own;
    the others share theirs, so that one statement asks, and one withdraws, for all.
    """
    shared = [each for each in detectors if f"{each.name}_subjects" not in STEMS]
    for detector in detectors:
        if detector not in shared:
            detector.run(store, turn, limits)
    if shared:
        shared[0].gather_subjects(store)
        find(store, shared, turn, limits)


def find(store: Store, detectors: Sequence[Detector], turn: int, limits: LineageSettings) -> None:
    """Write what detectors with the same subjects find, where they can find anything, and withdraw
    what they found of them before and have not found again.
    """
    scope = detectors[0].scope
    for held in dict.fromkeys(name for each in detectors for name in each.holds):
        store.command(SQL[f"hold_{held}"])
    prepared = [each.prepare(store, turn, limits) for each in detectors]
    shared = {"detectors": [each.name for each in detectors], "turn": turn}
    asked = _params(detectors[0], turn, limits) | shared
    (looked,) = store.rows(_look_statement(detectors, scope), asked)
    for detector, ready, finding in zip(detectors, prepared, looked["finding"], strict=True):
        if ready and finding:
            store.command(insert_statement(detector), _params(detector, turn, limits))
    if looked["said"]:
        store.command(SQL[f"withdraw_{scope}"], shared)


def _look_statement(detectors: Iterable[Detector], scope: Scope) -> str:
    """The question of each detector, whether it could find anything, as one statement."""
    asked = (f"{each.name}_any" for each in detectors)
    questions = (f"({DETECTOR_SQL[each]})" if each in STEMS else "1" for each in asked)
    statement = SQL.raw("look").replace("{{any}}", ", ".join(questions))
    return statement.replace("{{said}}", SQL[f"said_of_{scope}"])


def _params(detector: Detector, turn: int, limits: LineageSettings) -> dict[str, Any]:
    return {
        "detector": detector.name,
        "turn": turn,
        "rule_version": detector.version,
        "tolerance": limits.value_tolerance,
        "grace_seconds": int(limits.orphan_grace_hours * 3600),
        "objects_max": limits.correlation_objects_max,
        "pairs_max": limits.correlation_pairs_max,
    }


def rules_in_force(detectors: Iterable[Detector], *, changed: bool) -> dict[str, Any]:
    """What says whether a finding that a rebuild has not found again went by a rule; `changed` when
    the declarations did.
    """
    found = list(detectors)
    return {
        "changed": int(changed),
        "rules": [detector.name for detector in found],
        "versions": [detector.version for detector in found],
    }


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
        if path.stem not in STEMS:
            raise ConfigInvalid(f"lineage/detectors/{path.stem}.sql", "is not there")
        strange = sorted(set(detector.tells) - set(ABSENT))
        if strange:
            raise ConfigInvalid(f"lineage/detectors/{path.name}", f"tells {', '.join(strange)}")
        found.append(detector)
    return tuple(found)
