"""Small commits: judged by the model, with one look-up of what is known already and no bench.

What a statement costs before its first row is what such a commit is made of, so it has the fewest:
the look-up, and the bytes of the deliveries. Its rows are written later, those of many commits at
once.
"""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from collector.admission import SQL, Outcome
from collector.delivery import Kept
from collector.judge import COLUMNS, EPOCH, judged_rows
from collector.seen import Identity, Seen
from core.store import Store

MICROSECOND = timedelta(microseconds=1)
FAULTS_MAX = 10
CENT_OF_CENT = Decimal("0.0001")
AT = {name: place for place, name in enumerate(COLUMNS)}
SEQ, RECORD, LINE, SKIPPED = AT["seq"], AT["record"], AT["line_number"], AT["skipped"]
REASON, FIELD, SOURCE, EVENT_ID = AT["reason"], AT["field"], AT["source"], AT["event_id"]
CONTENT, OCCURRED, AMOUNT, CURRENCY = (
    AT["content_hash"],
    AT["occurred_at"],
    AT["amount"],
    AT["currency"],
)

Row = list[Any]


@dataclass
class Judged:
    """What a small group comes to: one outcome a delivery, and the rows that are to be written."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: list[list[Row]] = field(default_factory=list)
    # The new ones, and when they occurred.
    identities: dict[Identity, datetime] = field(default_factory=dict)


def judge(store: Store, kept: Sequence[Kept], known: Container[Identity], seen: Seen) -> Judged:
    """Judge a group against the warehouse and `known`, which is not in it yet; what `seen` has
    certainly not is not looked up. Raises BadInput for protobuf that the library cannot read.
    """
    rows: list[list[Row]] = [[] for _ in kept]
    for row in judged_rows(kept):
        rows[row[SEQ]].append(row)
    first: dict[Identity, Row] = {}
    for one in rows:
        for row in one:
            if not row[REASON] and not row[SKIPPED]:
                identity = identity_of(row)
                if identity not in known:
                    first.setdefault(identity, row)
    asked = {
        identity: row
        for identity, row in first.items()
        if not seen.is_new(row[OCCURRED], row[CONTENT])
    }
    for identity in _known(store, asked):
        del first[identity]
    new = {id(row) for row in first.values()}
    judged = Judged(identities={identity: row[OCCURRED] for identity, row in first.items()})
    for one in rows:
        judged.outcomes.append(_outcome(one, new))
        judged.rows.append([row for row in one if row[REASON] or id(row) in new])
    return judged


def identity_of(row: Row) -> Identity:
    """What makes two records the same event."""
    return (row[SOURCE], row[EVENT_ID], row[CONTENT])


def _known(store: Store, first: dict[Identity, Row]) -> list[Identity]:
    """Those that are in the warehouse."""
    if not first:
        return []
    params = {
        "sources": [source.encode().hex() for source, _, _ in first],
        "ids": [event_id.encode().hex() for _, event_id, _ in first],
        "contents": [content.hex().upper() for _, _, content in first],
        "instants": [(row[OCCURRED] - EPOCH) // MICROSECOND for row in first.values()],
    }
    asked = list(first)
    places = {row["place"] for row in store.rows(SQL["find_known"], params)}
    return [asked[place - 1] for place in places if place]


def _outcome(rows: Sequence[Row], new: Container[int]) -> Outcome:
    good = [row for row in rows if not row[REASON] and not row[SKIPPED]]
    bad = [row for row in rows if row[REASON]]
    stored = sum(id(row) in new for row in good)
    totals: dict[str, Decimal] = {}
    for row in good:
        if row[AMOUNT] is not None:
            before = totals.get(row[CURRENCY], Decimal(0))
            totals[row[CURRENCY]] = (before + row[AMOUNT]).quantize(CENT_OF_CENT)
    return Outcome(
        received=len(rows),
        stored=stored,
        duplicates=len(good) - stored,
        quarantined=len(bad),
        skipped=sum(bool(row[SKIPPED]) for row in rows),
        readable=sum(row[REASON] not in ("not_json", "not_object") for row in rows),
        sources=tuple({row[SOURCE] for row in good}),
        faults=tuple((row[LINE], row[REASON], row[FIELD]) for row in bad[:FAULTS_MAX]),
        totals=totals,
        reasons=Counter(row[REASON] for row in bad),
    )
