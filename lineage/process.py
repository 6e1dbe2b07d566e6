"""Processes: the path that a kind of revenue event should take, one TOML file each.

This module reads and checks the files of `lineage/processes/` and of an overlay folder; it knows
nothing of events. The meaning of stages and limits is in DESIGN section 4. Durations count 24 hours
a day; with `clock = "business"` they count open hours, so two working days of 8 hours are `16h`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast

from core.declaration import Table, read_overlaid

SHIPPED = Path(__file__).parent / "processes"
STAGES_MAX = 50
ROLES = ("crm", "psa", "hcm", "expense", "billing", "middleware", "erp", "analytics", "unknown")
CLOCKS = ("elapsed", "business")

ClockName = Literal["elapsed", "business"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A point on the path: which events of which objects, from which roles (empty: any role)."""

    name: str
    object: str
    actions: tuple[str, ...]
    roles: tuple[str, ...] = ()
    required: bool = True
    within: timedelta | None = None
    within_at_close: timedelta | None = None
    clock: ClockName = "elapsed"


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The stage that must be done before books close for the root's period."""

    stage: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `version` changes exactly when the meaning of the file changes."""

    name: str
    root: str
    engagement: str | None
    stages: tuple[Stage, ...]
    cutoff: Cutoff | None = None
    version: str = ""

    @property
    def types(self) -> tuple[str, ...]:
        """Object types of the stages by the place of their first stage; the root type is first."""
        return tuple(dict.fromkeys(stage.object for stage in self.stages))


def load_processes(overlay: Path | None = None) -> dict[str, Process]:
    """Shipped processes by name, with those of the overlay folder added.

    `overlay` is the folder that holds the files (it may be absent). A file there replaces the
    shipped file of the same stem and the shipped process of the same name. Raises ConfigInvalid.
    """
    ours, theirs = read_overlaid(SHIPPED, overlay)
    found = {**_by_name(ours.values()), **_by_name(theirs.values())}
    _refuse_equal_rank(found.values())
    return {name: found[name][1] for name in sorted(found)}


def process_version(process: Process) -> str:
    """Hash of everything but the version itself: comments and key order do not change it."""
    return hashlib.sha256(repr(astuple(process)[:-1]).encode()).hexdigest()[:16]


_Found = dict[str, tuple[Table, Process]]


def _by_name(files: Iterable[Table]) -> _Found:
    found: _Found = {}
    for file in files:
        process = _read_process(file)
        if process.name in found:
            file.refuse("name", f"'{process.name}' is taken by {found[process.name][0].file}")
        found[process.name] = (file, process)
    return found


def _refuse_equal_rank(found: Iterable[tuple[Table, Process]]) -> None:
    ranks: dict[tuple[str, str | None], tuple[Table, Process]] = {}
    for file, process in found:
        rank = (process.root, process.engagement)
        if rank in ranks:
            other_file, other = ranks[rank]
            which = f"engagement '{rank[1]}'" if rank[1] else "no engagement"
            file.refuse(
                "engagement" if rank[1] else "root",
                f"processes '{process.name}' and '{other.name}' ({other_file.file}) both take "
                f"'{rank[0]}' with {which}",
                "Give one of them its own engagement, or override the shipped file by its name",
            )
        ranks[rank] = (file, process)


def _read_process(file: Table) -> Process:
    name = file.word("name")
    root = file.word("root")
    engagement = file.word("engagement") if file.has("engagement") else None
    tables = file.tables("stage")
    if len(tables) > STAGES_MAX:
        file.refuse("stage", f"has more than {STAGES_MAX} stages")
    stages: list[Stage] = []
    for place, table in enumerate(tables):
        stage = _read_stage(table, first=place == 0)
        if stage.name in {earlier.name for earlier in stages}:
            table.refuse("name", f"'{stage.name}' is taken by an earlier stage", "Rename one")
        if place == 0 and stage.object != root:
            table.refuse(
                "object",
                f"'{stage.object}' is not the root type '{root}'",
                "The first stage is what makes a root a revenue event: give it the root's type",
            )
        stages.append(stage)
    cutoff = _read_cutoff(file, [stage.name for stage in stages])
    file.close()
    process = Process(name, root, engagement, tuple(stages), cutoff)
    return Process(name, root, engagement, tuple(stages), cutoff, process_version(process))


def _read_stage(table: Table, *, first: bool) -> Stage:
    stage = Stage(
        name=table.word("name"),
        object=table.word("object"),
        actions=table.words("actions", needed=True),
        roles=table.words("roles", ROLES, needed=False),
        required=table.flag("required", True),
        within=table.duration("within"),
        within_at_close=table.duration("within_at_close"),
        clock=cast(ClockName, table.one_of("clock", CLOCKS, "elapsed")),
    )
    table.close()
    if first and not stage.required:
        table.refuse("required", "the first stage cannot be optional", "Remove the key")
    # A limit that is never looked at would be read as a promise, so it is refused.
    for key in ("within", "within_at_close"):
        if table.has(key) and (first or not stage.required):
            kind = "the first" if first else "an optional"
            table.refuse(key, f"{kind} stage has no due time", "Remove the key")
    return stage


def _read_cutoff(file: Table, stage_names: list[str]) -> Cutoff | None:
    table = file.table("cutoff")
    if table is None:
        return None
    cutoff = Cutoff(table.one_of("stage", stage_names))
    table.close()
    return cutoff
