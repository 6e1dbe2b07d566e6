"""The run of the controls: one part of a turn of the wheel, after paths are told.

A run takes the objects that the new events are about, or take money off, tells anew what each of
them counts, then sums up the groups they are or ever were in, then writes the rows and findings of
those contracts: all by set-based SQL, with the version of the turn. What it reads is kept apart
from what it writes, so a run that was killed is simply made again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.control import Control, Money, Side
from lineage.detector import load_detectors
from lineage.ranges import hash_ranges
from lineage.steps import Steps

SQL = SqlFolder(__file__)
# What stands for the version of the controls while a run from zero replaces everything.
UNFINISHED = ""
NONE: Mapping[str, Control] = {}


class Controls(Steps):
    """Owns the tables `control_*`. Like the wheel it is a part of, one a warehouse."""

    _steps = "control_"
    _clears = "control_clear_"

    def __init__(
        self, store: Store, bounds: LineageSettings, controls: Mapping[str, Control] = NONE
    ) -> None:
        super().__init__(store)
        self._bounds = bounds
        self._controls = controls
        self._detectors = [each for each in load_detectors() if each.scope == "controls"]

    def run(self, turn: int, from_batch: int, to_batch: int) -> None:
        """Take the batches of one turn.

        From zero instead when no run has taken those before them, or when a source that was known
        then has another role now.
        """
        if not self._controls:
            return
        params = {"turn": turn, "from_batch": from_batch, "to_batch": to_batch}
        touched = self._store.rows(SQL["control_touched"], params)[0]
        roles = touched["roles"]
        if not _covers(touched["last_run"], from_batch, roles):
            self.rebuild(turn, to_batch)
            return
        if touched["unsaid"]:
            self._run(params, "unsay")
        # Most turns are about steps and not about money.
        joined = touched["linking"] or touched["aliases"] or touched["unsaid"]
        if joined or touched["money"]:
            self._clear("members", "groups")
            self._run(params, *(["members", "reversals"] if joined else ["arrived"]))
            if self._tell_lines(params):
                self._clear("contracts")
                self._run(params, "withdraw_lines", "groups", "write_sums", "contracts")
                self._tell_rows(params)
        self._note(turn, to_batch, self.version, roles)

    def rebuild(self, turn: int, to_batch: int) -> None:
        """Make everything anew from the events, with the controls as they are declared now.

        Rows stay readable meanwhile; those that were not written again go at the end.
        """
        if not self._controls:
            return
        # Killed from here on, the tables are half made: the next run begins from zero again.
        self._note(turn, 0, UNFINISHED, {})
        self._lay_out()
        params = {"turn": turn}
        self._run({}, "clear_places", "empty_places", "place_places")
        everything = {"from_batch": 0, "to_batch": to_batch}
        if self._store.value(SQL["count_superseded"], everything):
            self._run(everything, "unsay")
        # Before all lines, since a line needs the reversals of its object, whatever their hashes.
        ranges = list(self._ranges("count_events"))
        for bounds in ranges:
            self._run(bounds, "reversals_range")
        for bounds in ranges:
            self._clear("members")
            self._run(bounds, "members_range")
            self._tell_lines(params)
        self._run(params, "drop_lines")
        # Rows come last: those of a contract are made of all its sums, and none of them may be old.
        ranges = list(self._ranges("count_lines"))
        for bounds in ranges:
            self._clear("groups")
            self._run(params | bounds, "groups_range", "write_sums")
        self._run(params, "drop_sums")
        for bounds in ranges:
            self._clear("contracts")
            self._run(bounds, "contracts_range")
            self._tell_rows(params)
        self._run(params, "drop_rows")
        for detector in self._detectors:
            gone = {"turn": turn, "detector": detector.name}
            self._store.command(SQL["withdraw_all_of_detector"], gone)
        self._note(turn, to_batch, self.version, self._roles())

    @property
    def version(self) -> str:
        """A hash that changes exactly when the meaning of a control does."""
        parts = (control.version for control in self._controls.values())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    # --- one run --------------------------------------------------------------------------------

    def _tell_lines(self, params: dict[str, Any]) -> bool:
        """What each of the noted objects counts; False when none of them ever told any money.

        Places come first: they are the way back to a line, if this is cut off after the lines.
        """
        self._clear("events", "lines")
        self._run(params, "events")
        money = bool(self._store.value(SQL["control_any_money"]))
        if money:
            self._run(params, "lines", "balances", "write_places", "write_lines")
        self._clear("events")
        return money

    def _tell_rows(self, params: dict[str, Any]) -> None:
        """The rows and findings of the noted contracts."""
        self._run(params, "write_rows", "withdraw_rows")
        for detector in self._detectors:
            detector.run(self._store, params["turn"], self._bounds)

    def _roles(self) -> dict[str, str]:
        return {row["name"]: row["role"] for row in self._store.rows(SQL["control_roles"])}

    def _note(self, turn: int, batch: int, config: str, roles: Mapping[str, str]) -> None:
        run = {"turn": turn, "batch": batch, "config": config}
        run |= {"sources": list(roles), "roles": list(roles.values())}
        self._run(run, "note_run")

    def _ranges(self, count: str) -> Iterator[dict[str, Any]]:
        """Split all hashes evenly, so that a range holds about as many rows as one statement may
        handle.
        """
        rows = int(self._store.value(SQL[f"control_{count}"]))
        return hash_ranges(rows, self._bounds.turn_events_max)

    # --- the declarations as tables ---------------------------------------------------------------

    def _lay_out(self) -> None:
        self._run({}, "empty_moneys", "empty_rules")
        moneys = _moneys(self._controls.values())
        self._store.insert(
            "work_control_moneys",
            ["money", "measure", "roles", "balance", "kept"],
            [
                [number, each.measure, list(each.roles), each.balance, each.credits == "kept"]
                for each, number in moneys.items()
            ],
        )
        rows = [row for control in self._controls.values() for row in _rules(control, moneys)]
        self._store.insert(
            "work_control_rules", list(rows[0]), [list(row.values()) for row in rows]
        )
        self._run({}, "place_moneys", "place_rules")


def _covers(
    last_run: Sequence[tuple[int, str, Mapping[str, str]]],
    from_batch: int,
    roles: Mapping[str, str],
) -> bool:
    """Whether the last run, if there is one, has taken all before, with the roles of now."""
    for batch, config, kept in last_run:
        if config != UNFINISHED and batch >= from_batch:
            return all(roles.get(name, role) == role for name, role in kept.items())
    return False


def _moneys(controls: Iterable[Control]) -> dict[Money, int]:
    """Every money that some control asks for, with its number from 1."""
    asked = {term.money for control in controls for term in control.terms()}
    ordered = sorted(asked, key=lambda one: (one.measure, one.roles, one.balance, one.credits))
    return {money: number for number, money in enumerate(ordered, start=1)}


def _rules(control: Control, moneys: Mapping[Money, int]) -> Iterator[dict[str, Any]]:
    for side, right in enumerate(control.rights, start=1):
        yield {
            "control": control.name,
            "version": control.version,
            "title": control.title,
            "compare": control.compare,
            "latest": control.periods == "latest",
            "warn_from": control.warn_from,
            "only_known": control.only_known,
            "side": side,
            "left_title": control.left.title,
            "right_title": right.title,
            "terms": [
                *_terms("left", control.left, moneys),
                *_terms("right", right, moneys),
            ],
            "tolerance": dict(control.tolerance),
        }


def _terms(part: str, side: Side, moneys: Mapping[Money, int]) -> Iterator[tuple[str, int, str]]:
    yield part, moneys[side.term.money], side.term.kind
    if side.less is not None:
        yield f"{part}_less", moneys[side.less.money], side.less.kind
