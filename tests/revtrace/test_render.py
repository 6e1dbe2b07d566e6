"""What a person reads in the terminal, and in a pipe."""

import io
import re
from typing import Any

import pytest

from revtrace.commands.options import Render, show
from revtrace.render import aging, done, lists, mapping, progress, risk, status, trace
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


def test_no_terminal_is_so_narrow_that_an_amount_or_an_instant_is_cut() -> None:
    finding = {
        **{"finding_id": "0be353939ca6", "severity": "critical", "kind": "reconciliation_break"},
        **{"subkind": "contract_value_agrees", "stage": "billing_event to invoice"},
        **{"object": "control/contract_value_agrees/CON-US01-00039/USD/2026-06/US01"},
        **{"amount": "6588000.00", "currency": "USD", "first_seen": "2026-08-14T14:28:00Z"},
        **{"status": "open"},
    }
    for width in (1, 40, 80, 100, 200):
        said = shown(lists.findings, {"findings": [finding], "total": 1}, width)
        assert "USD 6,588,000.00  14 Aug 2026 14:28  open" in said, width
        names = "".join(line[24:44].strip() for line in said.splitlines()[1:])
        assert width > 100 or names.startswith("reconciliation_break/contract_value_agrees")


def test_path_explains_credits_terms_and_guesses() -> None:
    money = {"credited": "90.00", "net": "2500.00"}
    terms = {
        "began_version": "1",
        "invoiced_version": "2",
        "amendments": [{"object": "change_order/CO-1", "amends": "contract/C-1", "at": None}],
    }
    text = shown(
        trace.render,
        PATH
        | money
        | {
            "terms": terms,
            "credits": [{"memo": "credit_memo/CM-1", "object": "invoice/INV-0", "amount": "90.00"}],
            "links": [
                {
                    "from": "a/1",
                    "to": "b/2",
                    "grade": "inferred",
                    "rule": "match r, score 88 of 100",
                }
            ],
        },
    )
    for part in (
        "EUR 2,500.00",
        "version 1 at the start, version 2 at the invoice",
        "credit_memo/CM-1  invoice/INV-0",
        "change_order/CO-1  contract/C-1",
        "b/2 is inferred from a/1: match r, score 88 of 100",
    ):
        assert part in text


def test_path_shows_state_money_times_systems_and_findings() -> None:
    text = shown(trace.render, PATH)
    for part in (
        "EUR 2,590.00",
        "invoiced, due 13 Oct 2026 13:51",
        "12 Oct 2026 08:49",
        "psa, workday",
        "1 h 30 min",
        "invoice/INV-0, invoice/INV-1 and 3 more",
        "asserted  time_entry/TE-1",
        "failed_event/tax (open)",
        "The tax code [X1] is unknown.",
    ):
        assert part in text
    assert "credited" not in text


def test_object_on_several_paths_sums_them_up_before_some_in_full() -> None:
    roots = [f"time_entry/TE-{number}" for number in range(30)]
    summaries = [{"root": root, "state": "overdue", "amount": "7.00"} for root in roots[:20]]
    document = {
        "object": "invoice/[INV]",
        "roots": roots,
        "summaries": summaries,
        "paths": [PATH],
        "paths_total": 30,
        "findings": [],
    }
    text = shown(trace.render, document)
    assert "invoice/[INV] is on 30 paths." in text
    assert "and 10 more" in text
    assert "raise --limit" in text
    assert text.index("time_entry/TE-19") < text.index("EUR 2,590.00")


def test_object_that_is_on_no_path_shows_its_events_and_why() -> None:
    event = {
        "occurred_at": "2026-10-12T08:49:42Z",
        "source": "my-psa",
        "role": "unknown",
        "action": "approved",
        "outcome": "ok",
        "amount": "1.00",
        "currency": "EUR",
    }
    document = {
        "object": "time_entry/TE-1",
        "roots": [],
        "paths": [],
        "paths_total": 0,
        "findings": [{"kind": "missing_source", "severity": "critical", "status": "open"}],
        "events": [event],
        "events_total": 2,
        "reason": "other_role",
        "why": "no process begins with them: source my-psa has role unknown",
        "todo": "Declare it",
    }
    text = shown(trace.render, document)
    assert "is on no path" in text
    assert "2 events name it: no process begins with them" in text
    assert "Declare it." in text
    assert "12 Oct 2026 08:49  my-psa" in text
    assert "1 more event" in text
    assert "critical  missing_source (open)" in text


def test_find_says_what_to_do_where_no_path_is() -> None:
    matches = [{"found_as": "contract", "object": f"time_entry/TE-{n}"} for n in range(12)]
    document = {"key": "C-7", "matches": matches, "paths": [], "paths_total": 0}
    text = shown(lists.found, document)
    assert "contract of time_entry/TE-0" in text
    assert "and 2 more" in text
    assert "`revtrace trace time_entry/TE-0` shows its events" in text
    named = {"key": "C-7", "named": ["contract"], "matches": [], "paths_total": 1}
    path = {"root": "time_entry/TE-1"}
    assert "contract C-7: 1 revenue event" in shown(lists.found, named | {"paths": [path]})
    nothing = {"key": "C-7", "matches": [], "paths": [], "paths_total": 0}
    assert "revtrace quarantine list" in shown(lists.found, nothing)


def test_findings_are_one_line_each_and_say_how_many_there_are() -> None:
    finding = {
        "finding_id": "0123456789abcdef" * 2,
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
    assert "no role" not in shown(status.render, document)
    document["sources_unknown"] = ["my-erp", "my-psa"]
    text = shown(status.render, document)
    assert "2 sources have no role: my-erp, my-psa" in text
    assert "NOT everything" in text
    assert "1,200 events behind, 1 min" in text
    assert "revtrace rebuild" in text


def test_import_counts_every_file_and_their_sum() -> None:
    counts = {"received": 2, "stored": 1, "duplicates": 0, "quarantined": 1, "skipped": 0}
    file = {"file": "a.csv", "known": False, "format": "csv", "sha256": "ab" * 32} | counts
    file |= {"told_by": "ending", "totals": {"EUR": "12.5000"}, "holds": {"rows": 2}}
    text = shown(done.imported, {"files": [file, file | {"known": True}]} | counts)
    assert "total" in text
    assert "csv (told by its ending), sha256 abababababababab, 2 rows" in text
    assert "12.50" in text
    assert "was imported before: nothing was stored now" in text
    assert "revtrace quarantine list" in text


def test_quarantine_shows_file_and_line() -> None:
    record = {
        "record": "D1:2",
        "received_at": "2026-10-12T08:49:42Z",
        "source": "netsuite-us",
        "file": "export.csv",
        "line": 1203,
        "reason": "pattern",
        "field": "occurred_at",
    }
    text = shown(mapping.quarantined, {"quarantine": [record, record | {"line": 0}], "total": 2})
    assert "export.csv" in text
    assert "1,203" in text


def test_in_a_pipe_an_amount_has_a_plain_space(capsys: pytest.CaptureFixture[str]) -> None:
    show(PATH, trace.render, as_json=False)
    assert "EUR 2,590.00" in capsys.readouterr().out


def test_id_cannot_steer_the_terminal() -> None:
    document = {"raw": "a\x1b[2Jb\tc\nd", "keys": ["\x9b1m"]}
    assert printable(document) == {"raw": "a\ufffd[2Jb\tc\nd", "keys": ["\ufffd1m"]}


HOP: dict[str, Any] = {
    **{"period": "2026-09", "legal_entity": "US01", "process": "time_and_materials"},
    **{"stage": "invoiced", "standing": "late", "currency": "USD", "backlog": 15},
    **{"backlog_amount": "8100.00", "clock": "business", "window_hours": 24, "arrived": 36},
    **{"done": 30, "drain_hours": 12.0, "drain_hours_low": 7.0, "drain_hours_high": None},
    **{"at_risk": None, "at_risk_low": "0.00", "at_risk_high": "8100.00", "basis": "unknown"},
    "past_closes": 0,
}
CLOSING: dict[str, Any] = {
    **{"period": "2026-09", "currency": "USD", "books_close": "2026-10-07T15:00:00Z"},
    **{"hours_left": 48.0, "amount": "81000.00", "at_risk": "412.00", "at_risk_low": "380.00"},
    **{"at_risk_high": "455.00", "open_roots": 15, "open_amount": "8100.00"},
    **{"coming_amount": "900.00", "coming_at_risk": "9.00", "unjudged": "8100.00"},
    "assumed_amount": "8100.00",
}


def test_risk_says_what_misses_how_sure_that_is_and_what_cannot_be_said() -> None:
    missed = [{"currency": "USD", "roots": 3, "amount": "70.00"}]
    document = {"closings": [CLOSING], "hops": [HOP], "total": 2, "missed": missed}
    text = " ".join(shown(risk.render, document, 240).split())
    for part in (
        "USD 412.00 of USD 81,000.00 will miss it at the present rate (likely USD 380.00 to",
        "USD 455.00; no past close to judge by)",
        "Still to come by past closes: USD 900.00, of which USD 9.00 may miss it.",
        "Nothing can be said of USD 8,100.00",
        "USD 8,100.00 has no past close to judge by",
        "1.5 1.2 12 working h (7 working h to not at this rate) unknown 0.00 - 8,100.00",
        "1 of 2 hops",
        "Not in this: 3 revenue events with USD 70.00 missed an earlier close and are still open",
    ):
        assert part in text
    assert "nothing is at risk" in shown(risk.render, {"closings": [], "missed": []})
    # All of it is expected to miss: there is no more, so the range has one side.
    whole = CLOSING | {"at_risk": "455.00"}
    text = shown(risk.render, {"closings": [whole], "hops": [], "total": 0, "missed": []}, 240)
    assert "(likely USD 380.00 or more; no past close to judge by)" in text


def test_aging_counts_once_and_adds_up_each_currency_by_itself() -> None:
    age = {"kind": "failed_event", "age": "0-1 days", "business_age": "1-3 days"}
    rows = [
        age | {"currency": currency, "findings": 2, "amount": amount}
        for currency, amount in (("EUR", "5.00"), ("USD", "7.00"), ("USD", "8.00"))
    ]
    document = {"aging": rows, "findings": 6, "by": "kind", "business": False}
    lines = [line.split() for line in shown(aging.render, document).splitlines()]
    assert ["failed", "event", "findings", "6", "6"] in lines
    assert ["EUR", "5.00", "5.00"] in lines
    assert ["USD", "15.00", "15.00"] in lines
    assert "in working days" in shown(aging.render, document | {"business": True})


class Watched(io.StringIO):
    """A terminal that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_an_import_shows_a_bar_with_its_rate_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Watched()
    monkeypatch.setattr("sys.stderr", told)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.shown(quiet=True) as nothing:
        assert nothing is None
    with progress.shown(quiet=False) as move:
        assert move is not None
        for done_ in (1_000, 5_000):
            told_ = {"text": "events.ndjson", "rate": 12_345, "done": done_, "unit": "records"}
            move(told_ | {"total": 10_000})
    said = told.getvalue()
    for part in ("events.ndjson", "5000/10000", "records", "12,345/s"):
        assert part in said, said
    assert re.search(r"[0-9-]:[0-9-]{2}:[0-9-]{2}", said)
