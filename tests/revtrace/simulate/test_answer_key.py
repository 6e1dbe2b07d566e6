"""The answer key: complete, about objects that are there, of one opinion with the slow model."""

import json
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.calendar import Calendars, load_calendars
from core.verdict import Admitted, admit
from lineage.process import load_processes
from revtrace.simulate.faults import CONTRACT_FAULTS, RULES
from tests.model.paths import PathModel, evaluate
from tests.revtrace.simulate.quarter_files import (
    ANY_DAY,
    NOW,
    QuarterFiles,
    spoilt_field,
    written,
)

KINDS = {
    "conformance": "early_start late_approval no_evidence out_of_order self_approval skipped_stage "
    "stale_terms",
    "duplicate": "business conflict posting",
    "failed_event": "auth connection customer_terms legal_entity mapping period_closed rate_card "
    "rate_limit tax timeout unknown validation",
    "governance": "correlation_reused link_cycle no_process schema_drift unknown_source "
    "unmapped_field",
    "missing_source": "orphan_posting",
    "sla_breach": "late overdue cutoff",
}
TROUBLE = ("late", "overdue", "failed", "skipped")


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> QuarterFiles:
    return written(tmp_path_factory.mktemp("quarter"))


def test_every_kind_of_fault_is_there(quarter: QuarterFiles) -> None:
    seeded = {(fault["kind"], fault["subkind"]) for fault in quarter.key["faults"]}
    wanted = {(kind, sub) for kind, subs in KINDS.items() for sub in subs.split()}
    assert not wanted - seeded
    assert {"silent_source", "value_break", "reconciliation_break"} <= {kind for kind, _ in seeded}


def test_every_planned_fault_and_near_miss_took_place(quarter: QuarterFiles) -> None:
    planned = {rule.name for rule in RULES} | {name for name, *_ in CONTRACT_FAULTS}
    happened = {fault["fault"] for fault in quarter.key["faults"]}
    happened |= {miss["near_miss"] for miss in quarter.key["near_misses"]}
    assert not planned - happened


def test_objects_of_the_key_are_in_the_events(quarter: QuarterFiles) -> None:
    entries = [*quarter.key["faults"], *quarter.key["near_misses"]]
    named = {key for entry in entries for key in [*entry["objects"], *entry.get("roots", [])]}
    sources = {f"source/{event['source']}" for event in quarter.events}
    ids = {f"correlation/{event.get('correlation_id')}" for event in quarter.events}
    linked = set(quarter.of_object) | sources | ids
    assert not named - linked
    assert not {key for path in quarter.paths for key in path["objects"]} - linked


def test_faults_have_happened_by_now_and_know_their_money(quarter: QuarterFiles) -> None:
    for fault in quarter.key["faults"]:
        assert datetime.fromisoformat(fault["when"]) <= quarter.now
        assert (fault["amount"] is None) == (fault["currency"] == ""), fault
    numbers = [fault["id"] for fault in quarter.key["faults"]]
    assert len(set(numbers)) == len(numbers)


def test_near_misses_are_on_no_list_of_faults(quarter: QuarterFiles) -> None:
    faulty = {key for fault in quarter.key["faults"] for key in fault["objects"]}
    # What only arrives late or is sent back happens to everybody, the guilty included.
    everywhere = ("arrived_late", "sent_back", "outbox_replayed", "quiet_days")
    misses = [miss for miss in quarter.key["near_misses"] if miss["near_miss"] not in everywhere]
    assert misses
    assert not {key for miss in misses for key in miss["objects"]} & faulty
    found = {(one["kind"], key) for one in quarter.key["faults"] for key in one["found_on"]}
    looks = [(miss["looks_like"].split("/")[0], miss["objects"]) for miss in misses]
    assert not {(kind, key) for kind, keys in looks for key in keys} & found


def as_row(line: str, now: datetime) -> dict[str, Any]:
    """An event line as the slow model reads it."""
    admitted = admit(line, received_at=now)
    assert isinstance(admitted, Admitted)
    event = admitted.event
    money, context = event.money, event.context
    row: dict[str, Any] = {name: value or "" for name, value in context.model_dump().items()}
    row |= {
        "occurred_at": event.instant(),
        "source": event.source,
        "event_id": admitted.event_id,
        "content_hash": admitted.content_hash,
        "object_type": event.object.type,
        "object_id": event.object.id,
        "action": event.action,
        "outcome": event.outcome,
        "correlation_id": event.correlation_id,
        "idempotency_key": event.idempotency_key,
        "links": [
            (link.type, link.id, link.relation, link.amount and Decimal(link.amount))
            for link in event.links
        ],
        "amount": Decimal(money.amount) if money else None,
        "currency": money.currency if money else "",
        "measure": (money.measure or "") if money else "",
        "attributes": dict(event.attributes),
    }
    return row


def judged(quarter: QuarterFiles) -> dict[str, PathModel]:
    """The model's paths, one contract after the other: contracts share no objects."""
    calendars: Calendars = load_calendars(quarter.folder / "config" / "calendars")
    roles = {source["name"]: source["role"] for source in quarter.summary.sources}
    processes = load_processes(quarter.folder / "config" / "processes")
    paths: dict[str, PathModel] = {}
    for rows in rows_by_contract(quarter):
        paths.update(evaluate(rows, roles, processes, calendars, quarter.now))
    return paths


def rows_by_contract(quarter: QuarterFiles) -> list[list[dict[str, Any]]]:
    """The admitted events of each contract; those of none are together."""
    of_contract = defaultdict(list)
    for line in quarter.lines:
        if not spoilt_field(json.loads(line)):
            row = as_row(line, quarter.now)
            of_contract[row["contract"]].append(row)
    return list(of_contract.values())


@pytest.mark.parametrize(
    ("seed", "now"),
    [pytest.param(3, NOW, marks=pytest.mark.soak), (4, ANY_DAY)],
    ids=["months", "4-4-5"],
)
def test_paths_of_the_key_are_those_of_the_model(tmp_path: Path, seed: int, now: datetime) -> None:
    quarter = written(tmp_path, seed=seed, scale=0.25, now=now)
    paths = judged(quarter)
    assert {path["root"] for path in quarter.paths} == set(paths)
    seen: Counter[str] = Counter()
    for truth in quarter.paths:
        model = paths[truth["root"]]
        reached = {
            stage.name: stage.reached_at for stage in model.stages if stage.reached_at is not None
        }
        said = {name: datetime.fromisoformat(at) for name, at in truth["stages_reached"].items()}
        assert model.process == truth["process"]
        assert reached == said, truth
        assert set(model.objects) == set(truth["objects"]), truth
        assert model.amount == Decimal(truth["amount"]), truth
        assert (model.state == "cancelled") == truth["cancelled"]
        troubled = any(stage.state in TROUBLE for stage in model.stages)
        # A path is in trouble only because of a fault: natural hops keep their limits.
        assert truth["faults"] or truth["cancelled"] or not troubled, truth
        seen[model.state] += 1
    assert set(seen) == {"complete", "in_flight", "overdue", "failed", "cancelled"}
