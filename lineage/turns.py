"""The record of the wheel's turns: how far it has come, and which number the next turn carries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.clock import Clock
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
# What stands for the version of the declarations while a rebuild replaces them.
REBUILDING = ""
BEGUN = "begun"
NOTHING_TAKEN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TurnReport:
    """What one turn did; `events` 0 means that there was nothing to do. `roots`: revenue events
    whose paths it wrote.
    """

    turn: int
    events: int
    objects: int
    roots: int


IDLE = TurnReport(0, 0, 0, 0)


@dataclass(frozen=True)
class Span:
    """The batches of one turn, (from, to], and the version its rows carry. `known_all`: any object
    may have rows from before, as after a turn that was killed.
    """

    turn: int
    from_batch: int
    to_batch: int
    known_all: bool

    def params(self) -> dict[str, Any]:
        # From which batch on there may be events of objects that are new with this turn.
        events_from = 0 if self.known_all else self.from_batch
        return {**vars(self), "known_all": int(self.known_all), "events_from": events_from}


class TurnLog:
    """The table `wheel_turns`: a row when a turn begins and one when it has ended."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._began = clock.now()

    def last(self) -> dict[str, Any] | None:
        """The newest row; when a turn was killed, that of its beginning, which repeats how far
        the turn before it came.
        """
        rows = self._store.rows(SQL["last_turn"])
        return rows[0] if rows else None

    @staticmethod
    def killed(last: dict[str, Any] | None) -> bool:
        """Say whether the newest row is of a turn that began and did not end."""
        return last is not None and last["kind"] == BEGUN

    def begin(self, last: dict[str, Any] | None, config: str, lowest: int = 1) -> int:
        """Note that a turn begins and return its number, `lowest` being the first of an epoch.

        The note takes a number too, so that a turn made again after a kill has a higher one: what
        the killed turn found is older than it and can be withdrawn.
        """
        self._began = self._clock.now()
        number = max(int(last["turn"]) + 1 if last else 1, lowest)
        row = {
            "turn": number,
            "batch": last["batch"] if last else 0,
            "config": config,
            "kind": BEGUN,
            "events": 0,
            "objects": 0,
            "roots": 0,
            "started_at": self._began,
            "finished_at": last["finished_at"] if last else self._began,
            "watermark": last["watermark"] if last else NOTHING_TAKEN,
        }
        self._store.command(SQL["note_turn"], row)
        return number + 1

    def end(
        self, report: TurnReport, kind: str, batch: int, config: str, watermark: datetime
    ) -> None:
        """Note that the begun turn has ended, having taken every batch up to this one."""
        row = {
            "turn": report.turn,
            "batch": batch,
            "config": config,
            "kind": kind,
            "events": report.events,
            "objects": report.objects,
            "roots": report.roots,
            "started_at": self._began,
            "finished_at": self._clock.now(),
            "watermark": watermark,
        }
        self._store.command(SQL["note_turn"], row)
