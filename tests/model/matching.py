"""Which objects a match rule holds to be made from which, where nothing says more."""

from collections.abc import Iterable
from datetime import timedelta

from lineage.match import Match
from tests.model.facts import Facts, Link, Object, in_bytes

OBJECTS_MAX = 100
MICROSECOND = timedelta(microseconds=1)
ENDINGS = ("rejected", "reversed", "cancelled")


def inferred(facts: Facts, matches: Iterable[Match], stronger: set[Link]) -> set[Link]:
    """The links of all rules that are on; `stronger` are all that there are without them."""
    return {
        Link(up, down, "from", "inferred")
        for match in matches
        if match.enabled
        for up, down in _pairs(facts, match, stronger)
    }


def _pairs(facts: Facts, match: Match, stronger: set[Link]) -> list[tuple[Object, Object]]:
    placed = {link.down for link in stronger}
    used = {link.up for link in stronger if link.down[0] == match.down}
    downs = [each for each in facts.names if each[0] == match.down and each not in placed]
    ups = [each for each in facts.names if each[0] == match.up and each not in used]
    found: list[tuple[Object, Object]] = []
    blocks = {block for each in (*downs, *ups) if (block := _block(facts, match, each))}
    for block in blocks:
        sides = [[e for e in side if _block(facts, match, e) == block] for side in (downs, ups)]
        if max(map(len, sides)) > OBJECTS_MAX:
            continue
        ranked = sorted(
            (rank, down, up)
            for down in sides[0]
            for up in sides[1]
            if (rank := _rank(facts, match, down, up)) is not None
        )
        taken: set[Object] = set()
        for _, down, up in ranked:
            if not {down, up} & taken:
                taken |= {down, up}
                found.append((up, down))
    return found


def _block(facts: Facts, match: Match, thing: Object) -> tuple[object, ...] | None:
    """What all have in common that may be matched with it; None when it may be with nobody."""
    amount, currency = facts.money(thing)
    said = [facts.context(thing, field) for field in match.same]
    ended = any(event["action"] in ENDINGS for event in facts.ok_events(thing))
    if not amount or ended or not all(said) or not facts.ok_events(thing):
        return None
    return (currency, amount, *said)


def _rank(facts: Facts, match: Match, down: Object, up: Object) -> tuple[object, ...] | None:
    """The higher the score the smaller, then the nearer; None for no match."""
    instants = [facts.ok_events(each)[0]["occurred_at"] for each in (down, up)]
    gap = instants[0] - instants[1]
    if not -match.early <= gap <= match.within:
        return None
    distance = abs(gap) // MICROSECOND
    limit = (match.within if gap >= timedelta(0) else match.early) // MICROSECOND
    scores = [100 - 100 * distance // limit]
    scores += [_alike(*(_text(facts, e, name) for e in (down, up))) for name in match.similar]
    score = sum(scores) // len(scores)
    if score < match.score_min:
        return None
    return -score, distance, in_bytes(down[1]), in_bytes(up[1])


def _text(facts: Facts, thing: Object, name: str) -> bytes:
    if name == "id":
        return in_bytes(thing[1])[:256]
    said = [event.get("attributes", {}).get(name, "") for event in facts.ok_events(thing)]
    return in_bytes(next((text for text in reversed(said) if text), ""))[:256]


def _alike(one: bytes, other: bytes) -> int:
    """100 for the same, less by each letter that has to be changed, added or left out."""
    if not one or not other:
        return 0
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, row = row, [place]
        for index, wanted in enumerate(other, start=1):
            row.append(min(before[index] + 1, row[-1] + 1, before[index - 1] + (letter != wanted)))
    return 100 - 100 * row[-1] // max(len(one), len(other))
