"""What a person reads in the terminal, and in a pipe."""

import io
from typing import Any

from revtrace.commands.options import Render
from revtrace.render import done, lists, status, trace
from revtrace.render.values import console, printable

PATH: dict[str, Any] = {
    "root": "time_entry/TE-1",
    "process": "time_and_materials",
    "state": "failed",
    "amount": "2590.00",
    "credited": "0.00",
    "currency": "EUR",
    "contract": "C-1",
    "legal_entity": "DE01",
    "started_at": "2026-10-12T08:49:42Z",
    "next_stage": "invoiced",
    "due_at": "2026-10-13T13:51:00Z",
    "stages": [
        {
            "name": "approved",
            "state": "done",
            "completed_at": "2026-10-12T08:49:42Z",
            "due_at": None,
            "latency_seconds": None,
            "objects": ["time_entry/TE-1"],
            "events": [{"source": "psa"}, {"source": "psa"}, {"source": "workday"}],
        },
        {
            "name": "invoiced",
            "state": "failed",
            "completed_at": None,
            "due_at": "2026-10-13T13:51:00Z",
            "latency_seconds": 5400.0,
            "objects": [f"invoice/INV-{number}" for number in range(5)],
            "events": [],
        },
    ],
    "objects": [
        {"key": "time_entry/TE-1", "grade": "root", "via": ""},
        {"key": "invoice/INV-0", "grade": "asserted", "via": "time_entry/TE-1"},
    ],
    "findings": [
        {
            "kind": "failed_event",
            "subkind": "tax",
            "severity": "critical",
            "status": "open",
            "explanation": "The tax code [X1] is unknown.",
        }
    ],
}


def shown(render: Render, document: dict[str, Any], width: int = 160) -> str:
    stream = io.StringIO()
    render(document, console(stream, width))
    # No-break spaces are for the eye.
    return stream.getvalue().replace("\u00a0", " ")


def test_path_shows_state_money_times_systems_and_findings() -> None:
    text = shown(trace.render, PATH)
    for part in (
        "EUR 2,590.00",
        "invoiced, due 13 Oct 2026 13:51",
        "12 Oct 08:49",
        "psa, workday",
        "1 h 30 min",
        "invoice/INV-0, invoice/INV-1 and 3 more",
        "asserted  time_entry/TE-1",
        "failed_event/tax (open)",
        "The tax code [X1] is unknown.",
    ):
        assert part in text
    assert "credited" not in text


def test_object_shows_how_many_paths_it_is_on() -> None:
    roots = [f"time_entry/TE-{number}" for number in range(30)]
    document = {"object": "invoice/[INV]", "roots": roots, "paths": [PATH], "paths_total": 30}
    text = shown(trace.render, document)
    assert "invoice/[INV] is on 30 paths." in text
    assert "and 10 more" in text
    assert "EUR 2,590.00" in text


def test_object_that_is_on_no_path_says_so() -> None:
    document = {"object": "invoice/INV-1", "roots": [], "paths": [], "paths_total": 0}
    assert "is on no path" in shown(trace.render, document)


def test_findings_are_one_line_each_and_say_how_many_there_are() -> None:
    finding = {
        "severity": "critical",
        "kind": "failed_event",
        "subkind": "tax",
        "object": "invoice/[bold]INV",
        "stage": "posted",
        "amount": "1234.50",
        "currency": "USD",
        "first_seen": "2026-10-12T08:49:42Z",
        "status": "open",
    }
    lines = shown(lists.findings, {"findings": [finding], "total": 7}).splitlines()
    assert len(lines) == 3
    assert "invoice/[bold]INV" in lines[1]
    assert "USD 1,234.50" in lines[1]
    assert "1 of 7" in lines[2]


def test_status_says_aloud_when_something_is_missing() -> None:
    identity = {"received": 10, "stored": 8, "duplicates": 1, "quarantined": 0, "skipped": 0}
    document = {
        "warehouse": "chdb:///here",
        "identity": identity | {"deliveries": 1, "deliveries_open": 0, "holds": False},
        "last_batch": None,
        "lineage": {"events_waiting": 1200, "lag_seconds": 61.0, "config_differs": True},
        "schema": {"version": 3, "pending": 0},
    }
    text = shown(status.render, document)
    assert "NOT everything" in text
    assert "1,200 events behind, 1 min" in text
    assert "revtrace rebuild" in text


def test_import_counts_every_file_and_their_sum() -> None:
    counts = {"received": 2, "stored": 1, "duplicates": 0, "quarantined": 1, "skipped": 0}
    file = {"file": "a.csv", "known": False} | counts
    text = shown(done.imported, {"files": [file, file | {"known": True}]} | counts)
    assert "total" in text
    assert "was imported before" in text
    assert "revtrace quarantine list" in text


def test_id_cannot_steer_the_terminal() -> None:
    document = {"raw": "a\x1b[2Jb\tc\nd", "keys": ["\x9b1m"]}
    assert printable(document) == {"raw": "a\ufffd[2Jb\tc\nd", "keys": ["\ufffd1m"]}
