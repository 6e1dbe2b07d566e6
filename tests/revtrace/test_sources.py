"""`revtrace sources check`, import of payloads, and replay, through the program."""

import json
from pathlib import Path

import pytest

from tests.collector.sourced import MENDED, body, ticket, tickets_file
from tests.revtrace.conftest import AsJson, Run

DOCS = Path(__file__).resolve().parents[2] / "docs"
GOLDEN = Path(__file__).resolve().parents[1] / "collector" / "golden"


def test_check_shows_the_events_that_a_file_makes(
    run: Run, as_json: AsJson, tmp_path: Path
) -> None:
    file = str(tickets_file(tmp_path) / "sources" / "tickets.toml")
    sample = tmp_path / "sample.json"
    sample.write_bytes(body(ticket("T1")))
    ended = run("sources", "check", file, "--sample", str(sample))
    assert ended.returncode == 0, ended.stderr
    assert '"id": "T1"' in ended.stdout
    assert "All records are mapped." in ended.stdout
    document = as_json("sources", "check", file, "--sample", str(sample))
    assert document["ok"] is True
    event = document["samples"][0]["records"][0]["event"]
    assert (event["source"], event["money"]) == ("tickets", {"amount": "10", "currency": "EUR"})
    assert not (tmp_path / "home").exists()


def test_check_names_the_field_that_fails_and_why(run: Run, tmp_path: Path) -> None:
    file = str(tickets_file(tmp_path) / "sources" / "tickets.toml")
    sample = tmp_path / "sample.json"
    sample.write_bytes(body(ticket("T1", "paid"), ticket("T2")))
    ended = run("sources", "check", file, "--sample", str(sample))
    assert ended.returncode == 1
    assert "field action" in ended.stdout
    assert "'paid' is none of the values of its map (done)" in ended.stdout
    assert '"id": "T2"' in ended.stdout


def test_check_of_a_shipped_system_and_of_a_wrong_file(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('name = "ns-uk"\nrole = "erp"\nsystem = "netsuite"')
    sample = GOLDEN / "netsuite" / "invoice.json"
    assert run("sources", "check", str(mine), "--sample", str(sample)).returncode == 0
    assert run("sources", "check", str(mine)).returncode == 0
    rows = tmp_path / "rows.toml"
    rows.write_text('name = "rows"\nrole = "erp"\nsystem = "csv"')
    ended = run("sources", "check", str(rows), "--sample", str(GOLDEN / "csv" / "rows.csv"))
    assert ended.returncode == 1
    assert "line 2: an event" in ended.stdout
    assert "line 4: refused" in ended.stdout
    mine.write_text('name = "ns-uk"\nrole = "erp"\nsystem = "netsiute"')
    ended = run("sources", "check", str(mine), "--sample", str(sample))
    assert ended.returncode == 2
    assert "netsuite" in ended.stderr
    mine.write_text(
        'name = "x"\nrole = "erp"\n[mapping]\nversion = 1\n[[mapping.event]]\nname = "a"'
    )
    ended = run("sources", "check", str(mine))
    assert ended.returncode == 2
    assert "mine.toml" in ended.stderr
    assert "object.type" in ended.stderr


def test_payloads_are_imported_and_replayed(
    run: Run, as_json: AsJson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tickets_file(tmp_path)
    monkeypatch.setenv("TOKEN_KEY", "k")
    env = {"REVTRACE_CONFIG": str(folder)}
    export = tmp_path / "export.json"
    payload = json.loads(body(ticket("T1"), ticket("T2", "paid")))
    export.write_bytes(json.dumps(payload, indent=1).encode())
    told = as_json("import", str(export), "--format", "payload", "--source", "tickets", **env)
    assert (told["stored"], told["quarantined"]) == (1, 1)
    listed = as_json("quarantine", "list", **env)
    assert listed["amounts"] == [{"currency": "EUR", "records": 1, "amount": "10.00"}]
    record = listed["quarantine"][0]["record"]
    why = as_json("quarantine", "show", record, **env)["why"]
    assert why == "'paid' is none of the values of its map (done)"
    assert run("quarantine", "replay", **env).returncode == 2
    assert run("quarantine", "replay", record, "--all", **env).returncode == 2
    same = as_json("quarantine", "replay", record, **env)
    assert (same["admitted"], same["still"], same["deliveries"][0]["replay"]) == (0, 1, "")
    tickets_file(tmp_path, version=2, values=MENDED)
    dry = as_json("quarantine", "replay", "--source", "tickets", "--dry-run", **env)
    assert (dry["dry_run"], dry["admitted"], dry["stored"]) == (True, 1, 0)
    done = as_json("quarantine", "replay", record, "--by", "anna", **env)
    assert (done["admitted"], done["stored"], done["duplicates"]) == (1, 1, 1)
    shown = as_json("quarantine", "show", record, **env)
    settled = (shown["state"], shown["resolved_by"], shown["resolved_version"])
    assert settled == ("admitted", "anna", 2)
    ended = run("quarantine", "replay", "--all", **env)
    assert "Nothing that was asked for is in quarantine." in ended.stdout
    status = as_json("status", "--hours", "24", **env)
    identity, hours = status["identity"], status["hours"]
    assert (identity["holds"], identity["replays"], identity["replayed"]) == (True, 1, 2)
    assert [(each["deliveries"], each["replays"]) for each in hours] == [(2, 1)]
    assert "1 replay of earlier ones among them (2 records" in run("status", **env).stdout
    sources = {each["name"]: each["mapping"] for each in as_json("sources", **env)["sources"]}
    assert (sources["tickets"], sources["workday"]) == ("sources/tickets", "workday")


def test_a_value_that_became_a_token_is_found_by_itself(
    as_json: AsJson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_KEY", "a key")
    redact = '[redact]\ntoken = ["no"]\nkey = { env = "TOKEN_KEY" }\n'
    env = {"REVTRACE_CONFIG": str(tickets_file(tmp_path, more=redact)), "TOKEN_KEY": "a key"}
    export = tmp_path / "export.json"
    export.write_bytes(body(ticket("T-secret-1")))
    nobody = as_json("import", str(export), **env)
    assert (nobody["stored"], nobody["quarantined"]) == (0, 1)
    assert nobody["files"][0]["hint"].endswith("say which: --source NAME")
    unmapped = as_json("import", str(export), "--source", "billing", **env)["files"][0]["hint"]
    assert "Source billing has no mapping" in unmapped
    told = as_json("import", str(export), "--source", "tickets", **env)
    assert (told["stored"], told["reasons"], told["files"][0]["hint"]) == (1, [], "")
    as_json("refresh", **env)
    found = as_json("find", "T-secret-1", **env)
    assert found["paths_total"] == 1
    assert found["matches"][0]["object"].startswith("time_entry/tok_")
    assert as_json("find", "T-secret-2", **env)["paths_total"] == 0
