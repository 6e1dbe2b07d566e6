"""Who bears what memos take off objects in part: each revenue event its share, to the last cent."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.model.facts import Facts, Link, Object, Taking, in_bytes, key

CENT, SMALLEST = Decimal("0.01"), Decimal("0.0001")
# (memo, object it takes off, amount), by keys
Shares = dict[Object, list[tuple[str, str, Decimal]]]


def shared_out(facts: Facts, judges: Iterable[Any]) -> Shares:
    """What each revenue event bears; `judges` are those of all revenue events."""
    judges = list(judges)
    found: Shares = {}
    for taking in facts.credits():
        weights = {
            judge.root: weight
            for judge in judges
            if (weight := _weight(facts, judge, taking.of)) > 0
        }
        for root, share in _shares(taking, weights).items():
            found.setdefault(root, []).append((key(taking.by), key(taking.of), share))
    return {root: sorted(parts) for root, parts in found.items()}


def _weight(facts: Facts, judge: Any, of: Object) -> Decimal:
    """The money with which a revenue event went into the object."""
    amount, currency = facts.money(judge.root)
    nothing = (
        of not in judge.members
        or of[0] not in judge.process.types
        or judge.members[judge.root].reversed
        or amount is None
        or currency != facts.money(of)[1]
    )
    if nothing or amount is None:
        return Decimal(0)
    parts = [] if of == judge.root else _towards(judge.root, of, judge.links)
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if parts and len(known) == len(parts) else amount


def _towards(root: Object, of: Object, links: set[Link]) -> list[Decimal | None]:
    """Of each object directly made from the root on the way: the amount of the link, if any."""
    found: dict[Object, Decimal | None] = {}
    for link in links:
        if link.up == root and of in _reach(link.down, links):
            known = link.amount if link.relation == "from" else None
            found[link.down] = found.get(link.down) if known is None else known
    return list(found.values())


def _reach(start: Object, links: set[Link]) -> set[Object]:
    found: set[Object] = set()
    edge = {start}
    while edge:
        found |= edge
        edge = {link.down for link in links if link.up in edge} - found
    return found


def _shares(taking: Taking, weights: dict[Object, Decimal]) -> dict[Object, Decimal]:
    """In cents where the amount is, else in the smallest unit; the rest to those who lost most."""
    assert taking.amount is not None
    unit = CENT if taking.amount % CENT == 0 else SMALLEST
    units = int(taking.amount / unit)
    exact = {
        root: Fraction(weight) * units / Fraction(sum(weights.values()))
        for root, weight in weights.items()
    }
    whole = {root: part.__floor__() for root, part in exact.items()}
    lost = sorted(exact, key=lambda root: (whole[root] - exact[root], in_bytes(key(root))))
    for root in lost[: units - sum(whole.values())] if weights else []:
        whole[root] += 1
    return {root: unit * part for root, part in whole.items() if part}
