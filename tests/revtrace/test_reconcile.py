"""`revtrace reconcile`: a check whose document is that of the design, and what people read."""

import json
from pathlib import Path
from typing import Any

import pytest

from revtrace.commands.options import show
from revtrace.render import reconcile
from tests.revtrace.conftest import AsJson, Run

AT = "2026-09-10T09:00:00Z"
NOW = "2026-09-30T12:00:00Z"
LATER = "2026-10-09T12:00:00Z"


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Path:
    """Two contracts: one billed in full, one whose second time entry is not billed."""
    lines = [
        _event("psa", "time_entry", "TE-1", "approved", "approved", "100.00", "C-1"),
        _event("psa", "time_entry", "TE-2", "approved", "approved", "40.50", "C-2"),
        _event("psa", "time_entry", "TE-3", "approved", "approved", "10.00", "C-2"),
        _event("psa", "billing_event", "BE-1", "created", "billed", "100.00", "C-1", "TE-1"),
        _event("psa", "billing_event", "BE-2", "created", "billed", "40.50", "C-2", "TE-2"),
    ]
    path = tmp_path / "money.ndjson"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert run("import", str(path), "--format", "ndjson").returncode == 0
    assert run("refresh").returncode == 0
    return path


def _event(
    source: str, type_: str, id_: str, action: str, measure: str, amount: str, contract: str,
    made_from: str = "",
) -> dict[str, Any]:  # fmt: skip
    links = [{"type": "time_entry", "id": made_from, "relation": "from"}] if made_from else []
    return {
        "source": source,
        "occurred_at": AT,
        "object": {"type": type_, "id": id_},
        "action": action,
        "links": links,
        "context": {"contract": contract, "legal_entity": "US01", "period": "2026-09"},
        "money": {"amount": amount, "currency": "USD", "measure": measure},
    }


def test_reconcile_is_a_check_with_one_document(loaded: Path, run: Run) -> None:
    ended = run("reconcile", "--control", "delivery_billed", "--now", LATER, "--json")
    assert ended.returncode == 1
    document = json.loads(ended.stdout)
    assert (document["total"], document["breaks"]) == (2, 1)
    agrees, breaks = document["controls"]
    assert (agrees["contract"], agrees["status"], agrees["explained_by"]) == ("C-1", "ok", [])
    assert {
        name: breaks[name]
        for name in (
            *("control", "contract", "currency", "period", "legal_entity"),
            *("left", "right", "difference", "tolerance", "status", "unexplained"),
        )
    } == {
        "control": "delivery_billed",
        "contract": "C-2",
        "currency": "USD",
        "period": "2026-09",
        "legal_entity": "US01",
        "left": "50.50",
        "right": "40.50",
        "difference": "10.00",
        "tolerance": "0.01",
        "status": "break",
        "unexplained": "0.00",
    }
    (why,) = breaks["explained_by"]
    assert (why["object"], why["stage"], why["amount"]) == ("time_entry/TE-3", "billed", "10.00")
    assert (why["state"], why["since"]) == ("overdue", AT)


def test_options_choose_rows_and_the_exit_code_follows_them(
    loaded: Path, as_json: AsJson, run: Run
) -> None:
    asked = ("--control", "delivery_billed", "--now", NOW)
    ended = run("reconcile", *asked, "--contract", "C-1", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["total"]) == (0, 1)
    assert (
        json.loads(run("reconcile", *asked, "--period", "2026-08", "--json").stdout)["controls"]
        == []
    )
    broken = json.loads(run("reconcile", "--status", "break", "--now", NOW, "--json").stdout)
    assert {row["status"] for row in broken["controls"]} == {"break"}
    limited = json.loads(run("reconcile", "--limit", "1", "--now", NOW, "--json").stdout)
    assert len(limited["controls"]) == 1 < limited["total"]
    assert limited["breaks"] == broken["breaks"]
    # The largest difference is shown, not what comes first by name.
    assert limited["controls"] == [
        max(
            broken["controls"], key=lambda row: (-row["provisional"], abs(float(row["difference"])))
        )
    ]
    # The head counts what is there, not what is shown.
    early = sum(row["on_its_way"] for row in limited["summary"])
    assert early == limited["on_its_way"]
    assert early + sum(row["differ"] for row in limited["summary"]) == limited["breaks"]
    assert sum(row["agree"] for row in limited["summary"]) == limited["total"] - limited["breaks"]
    cut = run("reconcile", "--limit", "1", "--control", "delivery_billed", "--now", NOW).stdout
    assert "Approved delivery is billed      1           1       0  pending" in cut


def test_a_break_before_the_billing_cutoff_is_provisional(loaded: Path, run: Run) -> None:
    asked = ("reconcile", "--control", "delivery_billed", "--status", "break", "--json")
    for now, provisional in ((NOW, True), (LATER, False)):
        document = json.loads(run(*asked, "--now", now).stdout)
        (row,) = document["controls"]
        assert row["provisional"] is provisional
        (told,) = document["summary"]
        assert (document["breaks"], document["on_its_way"]) == (1, int(provisional))
        assert (told["on_its_way"], told["differ"]) == (int(provisional), int(not provisional))


def test_findings_name_a_break_by_its_control(loaded: Path, as_json: AsJson) -> None:
    kind = "reconciliation_break/delivery_billed"
    (found,) = as_json("findings", "--kind", kind, "--now", LATER)["findings"]
    assert found["object"] == "control/delivery_billed/C-2/USD/2026-09/US01"
    assert (found["amount"], found["severity"], found["status"]) == ("10.00", "critical", "open")
    assert found["explanation"] == (
        "Approved in expense or HCM or PSA is USD 50.50, billed in billing or PSA is USD 40.50: "
        "they should agree, and differ by USD 10.00."
    )


def test_people_read_what_differs_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    row = {
        "title": "Approved delivery is billed",
        "left_title": "approved in PSA",
        "right_title": "billed in PSA",
        "contract": "C-2",
        "period": "2026-09",
        "legal_entity": "US01",
        "currency": "USD",
        "left": "50.50",
        "right": "40.50",
        "difference": "10.00",
        "status": "break",
        "warn_at": "2026-10-01T21:00:00Z",
        **{"provisional": True, "carried": False, "failed": False},
        "explained_by": [
            {
                "object": "time_entry/TE-3",
                "stage": "billed",
                "state": "pending",
                "amount": "10.00",
                "since": AT,
            }
        ],
    }
    hop = {
        "hop": "billing_event to invoice",
        "period": "2026-09",
        "legal_entity": "US01",
        "currency": "USD",
        **{"into": "1000.00", "pending": "200.00", "unfounded": "0.00", "out_of": "820.00"},
        **{"explained_net": "5.00", "unexplained_net": "-25.00", "unexplained": "45.00"},
    }
    summary = [{"control": "c", "title": row["title"], "agree": 8, "differ": 0, "on_its_way": 1}]
    summary[0] |= {"failed": 0, "carried": 0}
    told = {"controls": [row], "total": 9, "breaks": 1, "summary": summary, "hops": [hop]}
    told |= {"on_its_way": 1, "failed": 0, "carried": 0}
    show(told, reconcile.render, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "Approved delivery is billed: approved in PSA, against billed in PSA",
        "USD 50.50 USD 40.50 USD 10.00 may be on its way until 1 Oct 2026 21:00",
        "1 difference of a period that is still being billed may be work on its way",
        "time_entry/TE-3 USD 10.00 pending at billed since 10 Sep 2026 09:00",
        "Approved delivery is billed 8 1 0 pending",
        "2026-09 US01 USD 1,000.00 200.00 5.00 -25.00 820.00 45.00",
        "1 of 9; raise --limit for more.",
    ):
        assert words in said
    # What a system refused does not come by itself; what goes on counts at another period.
    rows = [row | {"failed": True}, row | {"carried": True}]
    told |= {"controls": rows, "failed": 1, "carried": 1, "summary": [summary[0] | {"failed": 1}]}
    show(told, reconcile.render, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "USD 10.00 failed, warned of from 1 Oct 2026 21:00" in said
    assert "A system refused what is behind 1 of them." in said
    assert "USD 10.00 goes on, counted in another period" in said
    assert "Approved delivery is billed 8 1 0 failed" in said
    show({"controls": [], "total": 0, "breaks": 0}, reconcile.render, as_json=False)
    assert "No control has any money to compare." in capsys.readouterr().out
