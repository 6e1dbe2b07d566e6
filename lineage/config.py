"""The declarations in force, as tables: processes and calendars, so that the engine can join
them.

A changed file takes effect only with a rebuild; until then the tables keep what the paths were
made with, and `differs` says so.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.calendar import Calendars
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.control import Control
from lineage.failure import FailurePattern
from lineage.match import Match
from lineage.process import Process, Stage

SQL = SqlFolder(__file__)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Declarations:
    """Everything a user declares about lineage."""

    processes: Mapping[str, Process]
    calendars: Calendars
    failures: tuple[FailurePattern, ...] = ()
    controls: Mapping[str, Control] = field(default_factory=dict)
    matches: Mapping[str, Match] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """A hash that changes exactly when the meaning of a declaration does."""
        parts = [process.version for _, process in sorted(self.processes.items())]
        parts.append(self.calendars.version)
        parts.extend(pattern.version for pattern in self.failures)
        parts.extend(control.version for control in self.controls.values())
        parts.extend(match.version for match in self.matches.values() if match.enabled)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def write_declarations(store: Store, declared: Declarations, bounds: LineageSettings) -> None:
    """Replace the tables of declarations; run again after a crash in the middle, it mends them.

    Each is laid out aside and put in its place by one statement.
    """
    _place(
        store,
        "process_stages",
        [
            "process",
            "version",
            "root_type",
            "engagement",
            "position",
            "stage",
            "object_type",
            "type_place",
            "actions",
            "roles",
            "required",
            "within_us",
            "within_at_close_us",
            "business",
            "is_cutoff",
        ],
        [row for process in declared.processes.values() for row in _stage_rows(process)],
    )
    _write_calendars(store, declared.calendars, bounds)
    _place(
        store,
        "failure_patterns",
        [
            "rank",
            "name",
            "source_pattern",
            "code_pattern",
            "message_pattern",
            "subkind",
            "class",
            "advice",
            "runbook",
        ],
        [pattern.row(rank) for rank, pattern in enumerate(declared.failures, start=1)],
    )
    _write_matches(store, declared.matches.values())


def _write_matches(store: Store, matches: Iterable[Match]) -> None:
    _place(
        store,
        "match_rules",
        ["rule", "up_type", "down_type", "fields", "within_us", "early_us", "texts", "score_min"],
        [
            [
                match.name,
                match.up,
                match.down,
                list(match.same),
                _microseconds(match.within),
                _microseconds(match.early),
                list(match.similar),
                match.score_min,
            ]
            for match in matches
            if match.enabled
        ],
    )


def _place(
    store: Store, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Put rows in the place of all that a table has, by one statement; the engine refuses to put
    nothing there that way.
    """
    store.command(SQL[f"clear_work_{table}"])
    store.insert(f"work_{table}", columns, rows)
    store.command(SQL[f"place_{table}" if rows else f"clear_{table}"])


def _stage_rows(process: Process) -> Iterable[list[object]]:
    cutoff = process.cutoff.stage if process.cutoff else ""
    for position, stage in enumerate(process.stages, start=1):
        yield [
            process.name,
            process.version,
            process.root,
            process.engagement or "",
            position,
            stage.name,
            stage.object,
            process.types.index(stage.object) + 1,
            list(stage.actions),
            list(stage.roles),
            stage.required,
            _microseconds(stage.within),
            _microseconds(stage.within_at_close),
            _is_business(stage),
            stage.name == cutoff,
        ]


def _microseconds(limit: timedelta | None) -> int:
    return -1 if limit is None else limit // MICROSECOND


def _is_business(stage: Stage) -> bool:
    return stage.clock == "business"


def _write_calendars(store: Store, calendars: Calendars, bounds: LineageSettings) -> None:
    """Lay out open hours and periods over the years of the settings: the engine cannot compute
    holidays.
    """
    start = datetime(bounds.calendar_year_first, 1, 1, tzinfo=UTC)
    end = datetime(bounds.calendar_year_last + 1, 1, 1, tzinfo=UTC)
    named = {"default": calendars.default}
    entities: list[list[object]] = []
    for entity, calendar in sorted(calendars.by_entity.items()):
        named.setdefault(calendar.name, calendar)
        entities.append([entity, calendar.name])
    _place(store, "calendar_entities", ["legal_entity", "calendar"], entities)
    hours: list[list[object]] = []
    periods: list[list[object]] = []
    days: list[list[object]] = []
    for name, calendar in named.items():
        before = timedelta(0)
        for interval in calendar.open_intervals(start, end):
            hours.append([name, interval.opens, interval.closes, before // MICROSECOND])
            before += interval.closes - interval.opens
        begins = enumerate(calendar.business_days(start, end), start=1)
        days.extend([name, day, number] for number, day in begins)
        periods.extend(
            [
                name,
                period.name,
                period.starts,
                period.ends,
                period.close_from,
                period.close_to,
                period.billing_cutoff,
                period.books_close,
            ]
            for period in calendar.periods_between(start, end)
        )
    _place(store, "calendar_days", ["calendar", "starts", "number"], days)
    _place(store, "calendar_hours", ["calendar", "opens", "closes", "before_us"], hours)
    _place(
        store,
        "calendar_periods",
        [
            "calendar",
            "period",
            "starts",
            "ends",
            "close_from",
            "close_to",
            "billing_cutoff",
            "books_close",
        ],
        periods,
    )
