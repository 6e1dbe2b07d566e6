"""CONTRACT of a match rule: one TOML file that says which objects belong together though nothing
says so.

This module reads and checks the files of `lineage/matches/` and of an overlay folder; it knows
nothing of events. How rules are applied is in `lineage.inference`, what their keys mean in
docs/matching.md. A rule is a guess, so the shipped ones are off: a file of the config folder
switches one on.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.declaration import Table, read_overlaid

SHIPPED = Path(__file__).parent / "matches"
# What both objects may have to agree in, beside amount and currency.
FIELDS = (
    "customer",
    "contract",
    "project",
    "resource",
    "legal_entity",
    "service_line",
    "region",
    "engagement",
    "period",
)
SIMILAR_MAX = 5
SCORE_MOST = 100


@dataclass(frozen=True, slots=True)
class Match:
    """Objects of type `down` may be made from those of type `up` that agree with them in `same`,
    amount and currency, and came at most `within` before them, or `early` after. `similar` are
    texts that are compared: `id`, or the name of an attribute. `version` changes exactly when the
    meaning of the file does.
    """

    name: str
    up: str
    down: str
    same: tuple[str, ...]
    within: timedelta
    early: timedelta = timedelta(0)
    similar: tuple[str, ...] = ()
    score_min: int = 0
    enabled: bool = True
    version: str = ""


def load_matches(overlay: Path | None = None) -> dict[str, Match]:
    """Shipped rules by name, with those of the overlay folder added, also those that are off.

    `overlay` is the folder that holds the files (it may be absent). A file there replaces the
    shipped file of the same stem and the shipped rule of the same name. Raises ConfigInvalid.
    """
    ours, theirs = read_overlaid(SHIPPED, overlay)
    found = {**_by_name(ours.values()), **_by_name(theirs.values())}
    _refuse_two_of_a_type(found.values())
    return {name: found[name][1] for name in sorted(found)}


_Found = dict[str, tuple[Table, Match]]


def _by_name(files: Iterable[Table]) -> _Found:
    found: _Found = {}
    for file in files:
        match = _read(file)
        if match.name in found:
            file.refuse("name", f"'{match.name}' is taken by {found[match.name][0].file}")
        found[match.name] = (file, match)
    return found


def _refuse_two_of_a_type(found: Iterable[tuple[Table, Match]]) -> None:
    """Each object has one guess at most; two rules that are on would make two."""
    taken: dict[str, Match] = {}
    for file, match in found:
        if not match.enabled:
            continue
        if match.down in taken:
            file.refuse(
                "down",
                f"'{match.down}' is matched by the rule '{taken[match.down].name}' as well",
                "Switch one of the two off with enabled = false",
            )
        taken[match.down] = match


def _read(file: Table) -> Match:
    match = Match(
        name=file.word("name"),
        up=file.word("up"),
        down=file.word("down"),
        same=file.words("same", FIELDS, needed=True),
        within=_needed(file, "within"),
        early=file.duration("early") or timedelta(0),
        similar=file.words("similar", needed=False),
        score_min=file.number("score_min", 0, SCORE_MOST, 0),
        enabled=file.flag("enabled", True),
    )
    file.close()
    if match.up == match.down:
        file.refuse("down", f"'{match.down}' is the type that it is matched with", "Name another")
    if len(match.similar) > SIMILAR_MAX:
        file.refuse("similar", f"names more than {SIMILAR_MAX} texts")
    digest = hashlib.sha256(repr(astuple(match)[:-1]).encode()).hexdigest()[:16]
    return replace(match, version=digest)


def _needed(file: Table, key: str) -> timedelta:
    length = file.duration(key)
    if length is None:
        file.refuse(key, "is missing", "Say within which time the one follows the other: '3d'")
    return length
