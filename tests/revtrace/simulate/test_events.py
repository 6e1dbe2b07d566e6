"""Events of the sample quarter: valid by the contract, the same every time, sound in money."""

import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.verdict import Admitted, admit
from revtrace.simulate import simulate
from tests.revtrace.simulate.quarter_files import (
    ANY_DAY,
    CLOSE_AFTER,
    NOW,
    QuarterFiles,
    object_key,
    written,
)

TOP = {
    "event_id", "occurred_at", "source", "object", "action", "outcome", "correlation_id",
    "idempotency_key", "attempt", "links", "context", "money", "error", "attributes",
}  # fmt: skip
CONTEXT = {
    "customer", "contract", "contract_version", "project", "resource", "legal_entity",
    "service_line", "region", "engagement", "period", "actor",
}  # fmt: skip
AMOUNT = re.compile(r"-?[0-9]{1,14}([.][0-9]{1,4})?")
SNAKE = re.compile(r"[a-z][a-z0-9_]*")


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> QuarterFiles:
    return written(tmp_path_factory.mktemp("quarter"))


def breaches(event: dict[str, Any], now: datetime) -> list[str]:
    """Rules of the event contract that are broken, checked without the program's own model."""
    found = [f"unknown {name}" for name in event.keys() - TOP]
    instant = datetime.fromisoformat(event["occurred_at"])
    if not event["occurred_at"].endswith("Z") or instant.tzinfo is None or instant > now:
        found.append("occurred_at")
    if not SNAKE.fullmatch(event["object"]["type"]) or not SNAKE.fullmatch(event["action"]):
        found.append("snake_case")
    if not 0 < len(event["object"]["id"]) <= 256 or len(event.get("event_id", "x")) > 200:
        found.append("length")
    if event.get("context", {}).keys() - CONTEXT or "" in event.get("context", {}).values():
        found.append("context")
    money = event.get("money")
    if money and not (isinstance(money["amount"], str) and AMOUNT.fullmatch(money["amount"])):
        found.append("amount")
    if money and money["currency"] not in ("USD", "GBP", "EUR"):
        found.append("currency")
    if "error" in event and event.get("outcome") not in ("failed", "retrying"):
        found.append("error")
    for link in event.get("links", []):
        if link["relation"] == "same_as" and link["type"] != event["object"]["type"]:
            found.append("same_as")
    return found


def test_every_line_keeps_the_contract(quarter: QuarterFiles) -> None:
    broken = [(event, found) for event in quarter.events if (found := breaches(event, quarter.now))]
    assert not broken[:3]


def test_what_the_model_refuses_is_what_a_faulty_release_wrote(quarter: QuarterFiles) -> None:
    refused = []
    for line in quarter.lines:
        answer = admit(line, received_at=quarter.now)
        if not isinstance(answer, Admitted):
            record = json.loads(line)
            refused.append((object_key(record), record["source"], answer.field))
    said = [(one["object"], one["source"], one["field"]) for one in quarter.key["refused"]]
    assert sorted(refused) == sorted(said)
    assert len(refused) == quarter.summary.refused
    assert {field for *_, field in refused} == {"money.amount", "context.cost_center"}


def test_size_and_sources_of_a_quarter(quarter: QuarterFiles) -> None:
    assert 20_000 <= quarter.summary.events <= 45_000
    declared = {source["name"] for source in quarter.summary.sources}
    seen = {event["source"] for event in quarter.events}
    assert declared < seen
    assert seen - declared == {"legacy-timesheets"}
    assert quarter.summary.events == len(quarter.lines)
    assert quarter.summary.unique_events == len(quarter.events)


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        written(tmp_path / name, scale=0.1)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        digests.append([(path.name, hashlib.sha256(path.read_bytes()).digest()) for path in files])
    assert digests[0] == digests[1]
    other = written(tmp_path / "three", scale=0.1, seed=8)
    one = (tmp_path / "one" / "events.ndjson").read_text().splitlines()
    assert other.lines != one


def test_what_has_happened_does_not_depend_on_now(tmp_path: Path) -> None:
    """A demo that is looked at an hour later sees more of the same quarter, not another one."""
    close, lines = NOW + CLOSE_AFTER, []
    for days in (40, 2, 0, -1):
        simulate(7, 0.1, tmp_path / str(days), close, NOW - timedelta(days=days))
        text = (tmp_path / str(days) / "events.ndjson").read_text()
        lines.append(Counter(text.splitlines()))
    for earlier, later in pairwise(lines):
        assert earlier < later


def test_lines_come_in_order_of_arrival_but_for_the_late_ones(quarter: QuarterFiles) -> None:
    instants = [datetime.fromisoformat(event["occurred_at"]) for event in quarter.events]
    newest, late = instants[0], 0
    for instant in instants:
        late += instant < newest - timedelta(minutes=2)
        newest = max(newest, instant)
    # Phones that were offline are the only ones to send old things.
    assert 0 < late < len(instants) * 0.02


def test_same_id_with_other_content_only_where_it_is_a_fault(quarter: QuarterFiles) -> None:
    seen = Counter(
        (event["source"], event["event_id"]) for event in quarter.events if "event_id" in event
    )
    twice = {event_id.split(".")[2] for (_, event_id), count in seen.items() if count > 1}
    conflicts = [f for f in quarter.key["faults"] if f["subkind"] == "conflict"]
    assert twice == {fault["objects"][0].split("/")[1] for fault in conflicts}


def test_people_work_by_day_and_machines_before_breakfast(quarter: QuarterFiles) -> None:
    hours = Counter(
        datetime.fromisoformat(event["occurred_at"]).hour
        for event in quarter.events
        if event["action"] == "submitted" and event["context"]["legal_entity"] == "UK01"
    )
    evening = sum(hours[hour] for hour in range(13, 21))
    assert evening > 0.7 * sum(hours.values())
    assert not sum(hours[hour] for hour in range(0, 6))


def test_last_days_of_a_period_are_a_rush(quarter: QuarterFiles) -> None:
    days = Counter(event["occurred_at"][:10] for event in quarter.events)
    assert days["2026-10-01"] > 3 * days["2026-09-24"]


def test_measures_sum_up_as_the_summary_says(quarter: QuarterFiles) -> None:
    total = sum(
        Decimal(event["money"]["amount"])
        for event in quarter.events
        if event["object"]["type"] == "time_entry"
        and event["action"] == "approved"
        and event["money"]["currency"] == "USD"
    )
    assert str(total) == quarter.summary.sums["time_entry.approved/approved/USD"]


def amount_of(quarter: QuarterFiles, key: str, action: str) -> Decimal:
    for event in quarter.of_object[key]:
        if event["action"] == action and event.get("outcome", "ok") == "ok":
            return Decimal(event["money"]["amount"])
    raise AssertionError(f"{key} was never {action}")


def test_money_is_carried_exactly_where_nothing_is_wrong(quarter: QuarterFiles) -> None:
    """Roots = billing events = invoices = postings, for every bunch of paths without a fault."""
    processes = ("time_and_materials", "expenses", "fixed_fee", "percent_complete", "retainer")
    invoices: dict[str, list[dict[str, Any]]] = {}
    for path in quarter.paths:
        # A split posting of the last hour may have only one of its parts so far.
        posted = path["stages_reached"].get("posted", "9999")
        if path["process"] in processes and posted < "2026-10-05T14":
            for key in path["objects"]:
                if key.startswith("invoice/"):
                    invoices.setdefault(key, []).append(path)
    credited = {key for miss in quarter.key["near_misses"] for key in miss["objects"]}
    checked = 0
    for invoice, paths in invoices.items():
        if invoice in credited or any(path["faults"] for path in paths):
            continue
        objects = {key for path in paths for key in path["objects"]}
        billing = [key for key in objects if key.startswith("billing_event/")]
        journals = [key for key in objects if key.startswith("journal_posting/")]
        billed = sum((amount_of(quarter, key, "created") for key in billing), Decimal(0))
        posted = sum((amount_of(quarter, key, "posted") for key in journals), Decimal(0))
        approved = sum((Decimal(path["amount"]) for path in paths), Decimal(0))
        assert approved == billed == amount_of(quarter, invoice, "posted") == posted, invoice
        checked += 1
    assert checked > 300


def test_some_hops_are_only_correlated(quarter: QuarterFiles) -> None:
    """An invoice may say nothing of its origin but the id of the run that brought it."""
    posted = [
        event
        for event in quarter.events
        if event["object"]["type"] == "invoice" and event["action"] == "posted"
    ]
    bare = [event for event in posted if "links" not in event and "-M" not in object_key(event)]
    assert 0.1 * len(posted) < len(bare) < 0.5 * len(posted)
    runs = {event["correlation_id"] for event in quarter.events if event["action"] == "mapped"}
    assert all(event["correlation_id"] in runs for event in bare)


def test_any_day_of_the_year_is_near_a_close(tmp_path: Path) -> None:
    for number, now in enumerate((ANY_DAY, datetime(2028, 2, 29, 9, tzinfo=UTC))):
        quarter = written(tmp_path / str(number), scale=0.1, now=now)
        last = quarter.summary.periods[2]
        end = datetime.fromisoformat(last["end"] + "T00:00:00+00:00")
        assert timedelta(0) < now + CLOSE_AFTER - end < timedelta(days=10)
        assert quarter.summary.events > 1000


def test_naive_times_and_wild_scales_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        simulate(1, 1.0, tmp_path, NOW.replace(tzinfo=None), NOW)
    with pytest.raises(ValueError, match="scale"):
        simulate(1, 0.0, tmp_path, NOW, NOW)
