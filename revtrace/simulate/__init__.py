"""The sample quarter: a consulting firm around the end of its quarter, with an answer key.

`simulate` writes what the firm's systems would have sent by `now`. Everything follows from
(seed, scale, books_close, now); the same four give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from revtrace.simulate.answer_key import AnswerKey, Root, Seeded
from revtrace.simulate.billing import Billing
from revtrace.simulate.busy import BusyClose
from revtrace.simulate.config import write_config
from revtrace.simulate.cycles import Cycle, cycles
from revtrace.simulate.faults import Plan
from revtrace.simulate.firm import PSA, SOURCES, Contract, contracts
from revtrace.simulate.ledger import Invoice
from revtrace.simulate.quarter import at_local, quarter_around
from revtrace.simulate.records import (
    amend,
    note_early_starts,
    post_by_hand,
    recognize,
    recognize_too_soon,
    set_up,
)
from revtrace.simulate.release import releases
from revtrace.simulate.senders import (
    legacy_sender,
    nightly_reports,
    note_senders,
    pipeline,
    resends,
)
from revtrace.simulate.sheet import EXPORT_ID
from revtrace.simulate.tape import Tape, stamp
from revtrace.simulate.work import work_of
from revtrace.simulate.world import World

__all__ = ["Summary", "simulate"]

SCALE_MAX = 1000.0
_SILENCE = timedelta(hours=30)
_DEMO_BEFORE_CLOSE = timedelta(days=2)
# From this many time entries on, one id says nothing any more (DESIGN section 4).
_REUSED_FROM = 1000


@dataclass(frozen=True)
class Summary:
    """What was written. `events` are lines; each of `duplicates` repeats an earlier line, and the
    contract does not admit the `refused` ones, which a faulty release wrote.
    """

    seed: int
    scale: float
    now: str
    books_close: str
    fiscal: str
    periods: list[dict[str, str]]
    sources: list[dict[str, str]]
    events: int
    unique_events: int
    duplicates: int
    refused: int
    without_event_id: int
    per_source: dict[str, int]
    per_outcome: dict[str, int]
    sums: dict[str, str]
    paths: int
    faults: dict[str, int]
    near_misses: dict[str, int]


def simulate(
    seed: int,
    scale: float,
    out_dir: Path,
    books_close: datetime,
    now: datetime,
    busy: bool = False,
) -> Summary:
    """Write the quarter that closes at `books_close`, as far as it has happened by `now`.

    In `out_dir`: `events.ndjson` in order of arrival, `paths.ndjson` and `answer_key.json` with the
    truth, `summary.json`, and `config/` with the firm's calendars and sources. `busy`: invoices
    queue at the close and what failed is repaired; what is late by that is not in the answer key.
    Raises ValueError on naive times or a scale out of bounds.
    """
    if books_close.tzinfo is None or now.tzinfo is None:
        raise ValueError("books_close and now need a time zone")
    if not 0 < scale <= SCALE_MAX:
        raise ValueError(f"scale must be above 0 and at most {SCALE_MAX:g}")
    books_close, now = books_close.astimezone(UTC), now.astimezone(UTC)
    quarter = quarter_around(books_close)
    # Faults are placed as seen two days before the close, so that they stay when `now` moves on.
    demo = books_close - _DEMO_BEFORE_CLOSE
    out_dir.mkdir(parents=True, exist_ok=True)
    all_cycles = [one for it in contracts(seed, scale, quarter) for one in cycles(it, quarter)]
    tape = Tape(out_dir, now, Random(f"{seed}/delivery"), resends(quarter))
    world = World(
        quarter=quarter,
        now=now,
        tape=tape,
        key=AnswerKey(out_dir),
        plan=Plan.drawn(Random(f"{seed}/faults"), scale, demo, all_cycles),
        demo=demo,
        loads_end=demo - _SILENCE,
        rng=Random(f"{seed}/firm"),
        releases=releases(quarter),
        busy=BusyClose(seed) if busy else None,
    )
    nightly_reports(world)
    pipeline(world)
    for contract in contracts(seed, scale, quarter):
        world.rng = Random(f"{seed}/flow/{contract.number}")
        _live(world, contract)
        tape.forget()
    _note_reused_id(world)
    note_senders(world)
    tape.close()
    summary = _summary(world, seed, scale, books_close)
    write_config(out_dir / "config", quarter)
    world.key.controls = world.books.compare()
    world.key.close(
        {"seed": seed, "scale": scale, "now": summary.now, "books_close": summary.books_close}
    )
    _write_json(out_dir / "summary.json", asdict(summary))
    return summary


def _live(world: World, contract: Contract) -> None:
    """Everything about one contract."""
    opportunity = set_up(world, contract)
    amend(world, contract, opportunity)
    world.key.path(opportunity)
    post_by_hand(world, contract)
    legacy_sender(world, contract)
    world.books.blame(contract.id, "", world.plan.of_contract(contract))
    for cycle in cycles(contract, world.quarter):
        world.books.blame(contract.id, cycle.period.name, world.plan.of_cycle(cycle))
        roots = _run(world, cycle)
        note_early_starts(world, contract, roots)
        for root in roots:
            world.key.path(root)


def _run(world: World, cycle: Cycle) -> list[Root]:
    fault = world.plan.of_cycle(cycle)
    groups = work_of(world, cycle, fault)
    billing = Billing(world, cycle, fault)
    invoices = billing.run(groups)
    roots = [root for group in groups for root in group.roots]
    if cycle.process == "retainer":
        for invoice in invoices[:1]:
            recognize(world, cycle, invoice, billing.ledger, fault)
    if cycle.process == "retainer" and cycle.index == 1 and cycle.contract.number % 9 == 0:
        _note_same_fee(world, cycle, invoices)
    if fault == "recognized_too_soon":
        recognize_too_soon(world, cycle, roots[0])
    return roots


def _note_same_fee(world: World, cycle: Cycle, invoices: list[Invoice]) -> None:
    for invoice in invoices if not world.plan.of_cycle(cycle) else []:
        why = "the same fee as last month, for another month"
        world.near_miss("same_fee_again", why, invoice.fact.at, invoice.key)


def _note_reused_id(world: World) -> None:
    if world.stamped > _REUSED_FROM:
        start = at_local(world.quarter.start, 0.0, "UTC")
        key = (("correlation", EXPORT_ID),)
        world.seed(
            True, Seeded(EXPORT_ID, "governance", "correlation_reused", key, start, source=PSA)
        )


def _summary(world: World, seed: int, scale: float, books_close: datetime) -> Summary:
    tally, quarter = world.tape.tally, world.quarter
    periods = [
        {
            "period": period.name,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "books_close": stamp(period.books_close),
        }
        for period in quarter.all_periods
    ]
    return Summary(
        seed=seed,
        scale=scale,
        now=stamp(world.now),
        books_close=stamp(books_close),
        fiscal=quarter.fiscal,
        periods=periods,
        sources=[
            {"name": name, "role": role, "expected_every": every}
            for name, role, _, every in SOURCES
        ],
        events=tally.lines,
        unique_events=tally.lines - tally.duplicates - tally.refused,
        duplicates=tally.duplicates,
        refused=tally.refused,
        without_event_id=tally.without_id,
        per_source=dict(sorted(tally.per_source.items())),
        per_outcome=dict(sorted(tally.per_outcome.items())),
        sums={name: str(amount) for name, amount in sorted(tally.sums.items())},
        paths=world.key.paths,
        faults=world.key.counts(),
        near_misses=world.key.near_miss_counts(),
    )


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
