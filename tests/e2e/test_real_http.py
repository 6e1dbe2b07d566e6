"""Real senders over HTTP: the sample quarter as NDJSON, and the OpenTelemetry SDK's own exporters;
each path against what is known to be true.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.store import SqlFolder
from tests.e2e.real_exporters import MONEY, about, senders
from tests.e2e.real_warehouse import Warehouse, listening, warehouse
from tests.e2e.service import Home, until
from tests.revtrace.simulate.quarter_files import NOW, QuarterFiles, written

pytestmark = pytest.mark.opens_store("a whole quarter serves all tests of it")

SQL = SqlFolder(__file__)
REQUEST_LINES = 2_000
LATER = "2025-09-17T00:00:00Z"


# --- the sample quarter ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> QuarterFiles:
    return written(tmp_path_factory.mktemp("quarter"), scale=0.2)


@pytest.fixture(scope="module")
def sent(
    engine_dsn: str, quarter: QuarterFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """The quarter, sent to a listening collector in the order of its arrival, and followed."""
    home, config = tmp_path_factory.mktemp("home"), quarter.folder / "config"
    with warehouse(engine_dsn, "real_quarter", home, config, NOW) as made:
        with listening(made.app) as address, httpx.Client(timeout=60, trust_env=False) as client:
            told = [_posted(client, address, lines) for lines in _requests(quarter)]
        summary = quarter.summary
        assert sum(each["received"] for each in told) == summary.events
        assert sum(each["stored"] for each in told) == summary.unique_events
        assert sum(each["duplicates"] for each in told) == summary.duplicates
        made.ask("refresh")
        yield made


def _requests(quarter: QuarterFiles) -> Iterator[bytes]:
    for start in range(0, len(quarter.lines), REQUEST_LINES):
        yield "\n".join(quarter.lines[start : start + REQUEST_LINES]).encode()


def _posted(client: httpx.Client, address: str, lines: bytes) -> dict[str, Any]:
    headers = {"content-type": "application/x-ndjson"}
    answer = client.post(f"{address}/v1/events", content=lines, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_quarter_has_the_counts_of_its_summary(sent: Warehouse, quarter: QuarterFiles) -> None:
    summary = quarter.summary
    identity = sent.ask("status")["identity"]
    assert identity["holds"]
    assert (identity["stored"], identity["duplicates"], identity["quarantined"]) == (
        summary.unique_events,
        summary.duplicates,
        summary.refused,
    )
    per_source: dict[str, int] = {}
    per_outcome: dict[str, int] = {}
    for row in sent.rows(SQL["real_event_counts"]):
        per_source[row["sender"]] = per_source.get(row["sender"], 0) + row["events"]
        per_outcome[row["outcome"]] = per_outcome.get(row["outcome"], 0) + row["events"]
    assert per_source == summary.per_source
    assert per_outcome == summary.per_outcome
    sums = {row["what"]: row["total"] for row in sent.rows(SQL["real_event_sums"])}
    assert sums == {what: Decimal(total) for what, total in summary.sums.items()}


def test_every_path_of_the_quarter_is_the_one_that_was_simulated(
    sent: Warehouse, quarter: QuarterFiles
) -> None:
    reached: dict[str, dict[str, datetime]] = {}
    for row in sent.rows(SQL["real_stages"]):
        reached.setdefault(row["root"], {})[row["stage"]] = row["reached_at"]
    found = {
        row["root"]: (
            row["process"],
            row["state"] == "cancelled",
            row["amount"],
            row["currency"],
            set(row["keys"]),
            reached[row["root"]],
        )
        for row in sent.rows(SQL["real_paths"])
    }
    truth = {
        path["root"]: (
            path["process"],
            path["cancelled"],
            Decimal(path["amount"]),
            path["currency"],
            set(path["objects"]),
            {name: datetime.fromisoformat(at) for name, at in path["stages_reached"].items()},
        )
        for path in quarter.paths
    }
    assert len(truth) == quarter.summary.paths
    assert found.keys() == truth.keys()
    assert {root: path for root, path in found.items() if path != truth[root]} == {}


# --- the OpenTelemetry SDK's own exporters --------------------------------------------------------


def test_spans_and_logs_of_the_sdk_become_a_path_along_their_span_links(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.start("up") as up:
        with senders(up.told["collector"], "psa", "mulesoft", "netsuite-us") as (psa, mule, erp):
            approved = psa.span(9, about("time_entry", "TE-7", "approved") | MONEY)
            billed = psa.span(10, about("billing_event", "BE-7", "created") | MONEY, approved)
            psa.span(10, {"http.route": "/health"})
            psa.log(11, about("billing_event", "BE-7", "published"))
            mule.log(12, about("billing_event", "BE-7", "mapped"))
            refused = about("invoice", "INV-7", "posted", **{"context.actor": "robot"})
            erp.span(13, refused, billed, failed="Please enter value(s) for: Tax Code")
            invoiced = erp.span(14, about("invoice", "INV-7", "posted") | MONEY, billed)
            erp.span(15, about("journal_posting", "JP-7", "posted") | MONEY, invoiced)
            # The later system is heard first: its links wait for the spans that they name.
            erp.flush()
            until(home, "status", holds=lambda told: _taken(told, 3))
            mule.flush()
            psa.flush()
            until(home, "status", holds=lambda told: _taken(told, 8))
        path = home.ask("trace", "time_entry/TE-7", "--now", LATER)
        identity = home.ask("status")["identity"]
        up.stop()
    assert (identity["received"], identity["stored"], identity["skipped"]) == (8, 7, 1)
    assert identity["holds"]
    _check(path)


def _taken(status: dict[str, Any], received: int) -> bool:
    """Say whether so many records are in and lineage has followed all of them."""
    lineage = status["lineage"]
    arrived = status["identity"]["received"] == received
    return arrived and bool(lineage["finished_at"]) and not lineage["events_waiting"]


def _check(path: dict[str, Any]) -> None:
    assert (path["process"], path["state"]) == ("time_and_materials", "complete")
    assert (path["amount"], path["currency"]) == ("1200.00", "USD")
    stages = [(stage["name"], stage["reached_at"]) for stage in path["stages"]]
    assert stages == [
        ("approved", "2025-09-16T09:00:00Z"),
        ("billed", "2025-09-16T10:00:00Z"),
        ("published", "2025-09-16T11:00:00Z"),
        ("mapped", "2025-09-16T12:00:00Z"),
        ("invoiced", "2025-09-16T14:00:00Z"),
        ("posted", "2025-09-16T15:00:00Z"),
        ("reported", None),
    ]
    links = [(link["from"], link["to"], link["relation"], link["grade"]) for link in path["links"]]
    assert sorted(links) == [
        ("billing_event/BE-7", "invoice/INV-7", "from", "asserted"),
        ("invoice/INV-7", "journal_posting/JP-7", "from", "asserted"),
        ("time_entry/TE-7", "billing_event/BE-7", "from", "asserted"),
    ]
    assert path["weakest_grade"] == "asserted"
    failed = [event for event in path["events"] if event["outcome"] == "failed"]
    assert [(event["object"], event["error_message"]) for event in failed] == [
        ("invoice/INV-7", "Please enter value(s) for: Tax Code")
    ]
    (finding,) = [each for each in path["findings"] if each["kind"] == "failed_event"]
    assert (finding["object"], finding["status"]) == ("invoice/INV-7", "resolved")
