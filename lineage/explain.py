"""Why a control does not agree: which objects make the difference, and at which hop they are stuck.

The objects of a row are put together by the paths they share; what belongs together and sums up to
nothing is no part of the difference. What is left is told object by object. It is derived when it
is asked for, so it is never older than the paths.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
# A row of more objects than this is told without the objects behind it: nobody reads such a list.
OBJECTS_A_ROW_MAX = 50_000
OBJECTS_A_QUERY_MAX = 50_000
ROWS_A_QUERY = 500
# A server refuses a parameter of more than 128 KiB.
HASHES_A_QUERY = 5_000
# What keeps an object from going on, the worst first.
STUCK = ("failed", "overdue", "pending")
# Else: it is on no path, nothing of it is on the other side, or something with another amount is.
NO_PATH, UNMATCHED, DIFFERS = "no_path", "unmatched", "differs"
# It came when a limit was used up, whatever its path.
BEYOND = "beyond"
Row = dict[str, Any]
# From objects to the revenue events whose paths they are on.
RootsOf = Callable[[Iterable[int]], list[Row]]


@dataclass
class _Group:
    """Objects of one row that share a path, directly or through others."""

    lines: list[Row] = field(default_factory=list)
    roots: set[int] = field(default_factory=set)

    @property
    def amount(self) -> Decimal:
        return sum((line["amount"] for line in self.lines), Decimal(0))


def explain(store: Store, rows: Sequence[Row], now: datetime, roots_of: RootsOf) -> None:
    """Give each of these rows of `v_reconciliation` its `explained_by`: object, stage, state,
    amount, since. The amounts add up to the difference; `unexplained` is what is left. `failed`:
    some of them do not go on by themselves, since a system refused them.
    """
    for row in rows:
        row["explained_by"], row["unexplained"], row["failed"] = [], row["difference"], False
    for some in _pieces(rows):
        groups = _grouped(store, _lines(store, some), roots_of)
        # A limit is used up by objects that may well belong together; all of them are looked at.
        kept = {
            number: [each for each in found if each.amount or _is_limit(some[number - 1])]
            for number, found in groups.items()
        }
        roots = {root for found in kept.values() for each in found for root in each.roots}
        stages = _stages(store, sorted(roots), now)
        for number, found in kept.items():
            row = some[number - 1]
            row["explained_by"] = _told(row, found, stages)
            explained = sum((part["amount"] for part in row["explained_by"]), Decimal(0))
            row["unexplained"] = row["difference"] - explained
            row["failed"] = any(part["state"] == "failed" for part in row["explained_by"])


def _pieces(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows that one query takes: not too many, and not of too many objects."""
    piece: list[Row] = []
    objects = 0
    for row in rows:
        size = row["left_objects"] + row["right_objects"]
        if size > OBJECTS_A_ROW_MAX:
            continue
        if piece and (len(piece) >= ROWS_A_QUERY or objects + size > OBJECTS_A_QUERY_MAX):
            yield piece
            piece, objects = [], 0
        piece.append(row)
        objects += size
    if piece:
        yield piece


def _lines(store: Store, rows: Sequence[Row]) -> list[Row]:
    params = {
        "controls": [row["control"] for row in rows],
        "sides": [row["side"] for row in rows],
        "contracts": [row["contract"] for row in rows],
        "currencies": [row["currency"] for row in rows],
        "entities": [row["legal_entity"] for row in rows],
        "periods": [row["period"] for row in rows],
    }
    return store.rows(SQL["break_lines"], params, readonly=True)


def _grouped(store: Store, lines: Sequence[Row], roots_of: RootsOf) -> dict[int, list[_Group]]:
    """The lines of each row, those together that share a revenue event's path."""
    objects = sorted({line["object_hash"] for line in lines})
    roots = sorted(row["root_hash"] for row in roots_of(objects))
    paths: dict[int, set[int]] = defaultdict(set)
    for some_roots in _parts(roots):
        for some in _parts(objects):
            params = {"roots": some_roots, "objects": some}
            for row in store.rows(SQL["roots_of_objects"], params, readonly=True):
                paths[row["object_hash"]].add(row["root_hash"])
    by_row: dict[int, list[Row]] = defaultdict(list)
    for line in lines:
        by_row[line["number"]].append(line)
    return {number: _joined(found, paths) for number, found in by_row.items()}


def _joined(lines: Sequence[Row], paths: dict[int, set[int]]) -> list[_Group]:
    """Put objects together that are on one path: connected parts, found by joining sets."""
    parent: dict[int, int] = {}

    def top(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for line in lines:
        for root in paths[line["object_hash"]]:
            parent[top(root)] = top(line["object_hash"])
    groups: dict[int, _Group] = defaultdict(_Group)
    for line in lines:
        group = groups[top(line["object_hash"])]
        group.lines.append(line)
        group.roots |= paths[line["object_hash"]]
    return list(groups.values())


def _told(row: Row, groups: Sequence[_Group], stages: dict[int, list[Row]]) -> list[Row]:
    """Which objects make how much of the difference, the largest first."""
    if _is_limit(row):
        parts = list(_beyond(row, groups))
    else:
        parts = [part for group in _offset(groups, stages) for part in _of_group(group)]
    parts.sort(key=lambda part: (-abs(part[2]), part[1]["object"]))
    told = [_part(*part, stages) for part in parts]
    return [part | {"state": BEYOND} for part in told] if _is_limit(row) else told


def _is_limit(row: Row) -> bool:
    """A limit is not made of what it limits, so objects of the two sides have no common path."""
    return bool(row["compare"] == "le" and row["right_is_total"] and row["right"] >= 0)


def _offset(groups: Sequence[_Group], stages: dict[int, list[Row]]) -> list[_Group]:
    """Leave out what stands on either side with the same amount, though no path joins it; where one
    group of each side is left, they are of each other. What is stuck is never set off.
    """
    stuck = [group for group in groups if _waits(group, stages)]
    free = [group for group in groups if not _waits(group, stages)]
    by_amount: dict[Decimal, list[_Group]] = defaultdict(list)
    for group in sorted(free, key=lambda each: min(line["object"] for line in each.lines)):
        against = by_amount[-group.amount]
        if against:
            against.pop()
        else:
            by_amount[group.amount].append(group)
    left = [group for found in by_amount.values() for group in found]
    if len(left) == 2 and left[0].amount * left[1].amount < 0:
        one, other = left
        left = [_Group(one.lines + other.lines, one.roots | other.roots)]
    return stuck + left


def _beyond(row: Row, groups: Sequence[_Group]) -> Iterator[tuple[_Group, Row, Decimal]]:
    """The objects that came when the limit was used up, in the order in which they came."""
    left, used = row["right"], Decimal(0)
    found = [(group, line) for group in groups for line in group.lines if line["is_left"]]
    found.sort(key=lambda each: (each[1]["occurred_at"], each[1]["object"]))
    for group, line in found:
        before = max(used - left, Decimal(0))
        used += line["amount"]
        over = max(used - left, Decimal(0)) - before
        if over:
            yield group, line, over


def _of_group(group: _Group) -> Iterator[tuple[_Group, Row, Decimal]]:
    """A group of one side is told object by object; of two sides, by the newest object of the
    larger one: the other side has its like.
    """
    amount = group.amount
    if not amount:
        return
    if len({line["amount"] > 0 for line in group.lines}) == 1:
        yield from ((group, line, line["amount"]) for line in group.lines)
        return
    larger = [line for line in group.lines if (line["amount"] > 0) == (amount > 0)]
    yield group, max(larger, key=lambda line: (line["occurred_at"], line["object"])), amount


# --- where they are stuck ---------------------------------------------------------------------


def _stages(store: Store, roots: Sequence[int], now: datetime) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for some in _parts(roots):
        params = {"roots": some, "now": now}
        for row in store.rows(SQL["stages_of_roots"], params, readonly=True):
            found[row["root_hash"]].append(row)
    return found


def _part(group: _Group, line: Row, amount: Decimal, stages: dict[int, list[Row]]) -> Row:
    stage, state, since = _standing(group, line, stages)
    return {
        "object": line["object"],
        "stage": stage,
        "state": state,
        "amount": amount,
        "since": since,
    }


def _standing(
    group: _Group, line: Row, stages: dict[int, list[Row]]
) -> tuple[str, str, datetime | None]:
    """The hop at which the object's paths wait, and since when; when none waits, the stage that
    the object itself is of, and whether the other side has something of it.
    """
    waits = _waits(group, stages)
    if waits:
        worst = min(waits, key=lambda row: (STUCK.index(row["state"]), row["position"]))
        return worst["stage"], worst["state"], worst["started_at"] or worst["last_event_at"]
    known = [row for root in sorted(group.roots) for row in stages.get(root, [])]
    if not known:
        return "", NO_PATH, line["occurred_at"]
    own = [row for row in known if line["object"] in row["objects"] and row["reached_at"]]
    stage = max(own, key=lambda row: (row["position"], row["stage"]))["stage"] if own else ""
    sides = {each["amount"] > 0 for each in group.lines}
    return stage, DIFFERS if len(sides) > 1 else UNMATCHED, line["occurred_at"]


def _waits(group: _Group, stages: dict[int, list[Row]]) -> list[Row]:
    """The stages that the paths of a group wait for."""
    return [
        row
        for root in sorted(group.roots)
        for row in stages.get(root, [])
        if row["required"] and row["state"] in STUCK and row["path_state"] != "cancelled"
    ]


def _parts(hashes: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(hashes), HASHES_A_QUERY):
        yield list(hashes[start : start + HASHES_A_QUERY])
