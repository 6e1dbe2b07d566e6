"""The command line: quick to start, one clear line when something is wrong, the exit codes of the
design.
"""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.lock import Owner
from revtrace.cli import app
from revtrace.operations import status
from tests.revtrace.conftest import AsJson, Run

COMMANDS = {
    *("up", "collect", "work", "dashboards", "migrate", "import", "trace", "find", "findings"),
    *(
        "reconcile",
        "status",
        "quarantine",
        "refresh",
        "rebuild",
        "simulate",
        "sources",
        "config",
        "doctor",
    ),
}
HEAVY = "clickhouse_connect chdb pandas streamlit fastapi uvicorn pydantic apprise apscheduler"


def test_help_names_every_command(run: Run) -> None:
    ended = run("--help")
    assert ended.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in ended.stdout] == []
    assert run().stdout == ended.stdout


def test_every_command_has_help_and_json(run: Run) -> None:
    import typer

    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        for each in getattr(command, "commands", {name: command}).values():
            assert each.help, name
            assert "--json" in {option for made in each.params for option in made.opts}, name


def test_starting_imports_nothing_heavy() -> None:
    look = "import sys, revtrace.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(HEAVY.split()) & set(loaded) == set()


@pytest.mark.parametrize(
    ("arguments", "env", "says"),
    [
        (["nonsense"], {}, "No such command 'nonsense'"),
        (["trace"], {}, "Missing argument 'TYPE/ID'"),
        (["trace", "invoice/\x1b[2J"], {}, "nothing is known of invoice/ [2J"),
        (["trace", "invoice"], {}, "names no object"),
        (["findings", "--kind", "nonsense"], {}, "Use one of sla_breach"),
        (["findings", "--min-amount", "much"], {}, "is no amount"),
        (["reconcile", "--control", "nonsense"], {}, "Use one of billing_posted"),
        (["reconcile", "--period", "september"], {}, "Write it like 2026-09"),
        (["reconcile", "--status", "broken"], {}, "Use one of ok, break"),
        (["quarantine", "show", "nonsense"], {}, "names no record"),
        (["findings", "--limit", "0"], {}, "--limit"),
        (["findings", "--now", "yesterday"], {}, "is no instant with an offset"),
        (["findings", "--now", "2026-09-30T12:00:00"], {}, "is no instant with an offset"),
        (["import", "nowhere.ndjson", "--format", "ndjson"], {}, "nowhere.ndjson"),
        (["import"], {}, "Missing argument"),
        (["quarantine"], {}, "Missing command"),
        (["status"], {"REVTRACE_HTTP__PORT": "many"}, "http.port"),
        (["status"], {"REVTRACE_HTTP__PROT": "1"}, "did you mean http.port? Check revtrace.toml"),
        (["status"], {"REVTRACE_NOW": "2026-09-30T12:00:00"}, "needs an offset"),
        (["collect"], {}, "needs a ClickHouse server"),
        (["work"], {}, "needs a ClickHouse server"),
        (["dashboards"], {}, "needs a ClickHouse server"),
        (["up"], {"REVTRACE_HTTP__HOST": "256.0.0.1"}, "REVTRACE_HTTP__HOST"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    run: Run, arguments: list[str], env: dict[str, str], says: str
) -> None:
    ended = run(*arguments, **env)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("revtrace: ")
    assert ended.stderr.count("\n") == 1
    assert says in ended.stderr


def test_port_in_use_names_the_port_and_the_setting(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("up", REVTRACE_HTTP__PORT=port, REVTRACE_DASHBOARDS__PORT="0")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"port {port} for the collector is in use" in ended.stderr
    assert "REVTRACE_HTTP__PORT" in ended.stderr


def test_second_start_on_a_home_names_the_first_before_its_ports(run: Run, home: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        Owner.acquire(home, "up", datetime(2026, 9, 30, tzinfo=UTC)),
    ):
        ended = run("up", REVTRACE_HTTP__PORT=str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert f"is in use by process {os.getpid()} (revtrace up)" in ended.stderr


def test_a_watched_folder_that_is_not_there_stops_the_start(run: Run) -> None:
    ended = run("up", REVTRACE_COLLECTOR__WATCH="nowhere")
    assert ended.returncode == 2
    assert "collector.watch" in ended.stderr
    assert "nowhere: is no folder" in ended.stderr


def test_empty_variable_means_that_it_is_not_set(run: Run) -> None:
    assert run("config", "check", REVTRACE_NOW="", REVTRACE_HTTP__PORT="").returncode == 0


def test_warehouse_that_is_away_is_named_without_its_password(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    dsn = f"clickhouse://revtrace:hunter2@127.0.0.1:{port}"
    ended = run("status", REVTRACE_WAREHOUSE=dsn)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "is away" in ended.stderr
    assert "hunter2" not in ended.stderr


def test_config_check_ends_with_1_and_names_file_and_key(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "processes"
    folder.mkdir(parents=True)
    (folder / "expenses.toml").write_text(
        'name = "expenses"\nroot = "expense_item"\nwithn = "2d"\n'
    )
    assert run("config", "check").returncode == 0
    ended = run("config", "check", REVTRACE_CONFIG=str(tmp_path / "config"))
    assert ended.returncode == 1
    assert "expenses.toml" in ended.stdout


def test_import_says_why_rows_were_not_taken(run: Run, as_json: AsJson, tmp_path: Path) -> None:
    good = {
        "source": "my-psa",
        "occurred_at": "2026-09-28T10:00:00Z",
        "object": {"type": "time_entry", "id": "TE-1"},
        "action": "approved",
        "context": {"contract": "C-7"},
    }
    late = [good | {"occurred_at": f"yesterday {number}"} for number in range(3)]
    lines = [*map(json.dumps, [good, *late]), "{"]
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(lines))
    arguments = ("import", str(file), "--format", "ndjson")
    ended = run(*arguments)
    assert ended.returncode == 0, ended.stderr
    assert "the text is not in the form that the contract asks for" in ended.stdout
    assert "yesterday 0" in ended.stdout
    reasons = as_json(*arguments)["reasons"]
    told = [(each["reason"], each["field"], each["records"], each["line"]) for each in reasons]
    assert told == [("pattern", "occurred_at", 3, 2), ("not_json", "", 1, 5)]
    assert reasons[0]["wanted"].startswith("RFC 3339 with an offset")
    hours = as_json("status", "--hours", "24")["hours"]
    assert [(each["source"], each["received"], each["balances"]) for each in hours] == [("", 5, 1)]
    assert "sources named by the records" in run("status", "--hours", "24").stdout
    listed = run("quarantine", "list").stdout
    assert "events.ndjson" in listed
    # What was taken is known before any refresh, and says what has to be done.
    assert "the refresh has not taken" in run("trace", "time_entry/TE-1").stdout
    assert run("refresh").returncode == 0
    assert "source my-psa has role unknown" in run("trace", "time_entry/TE-1").stdout
    assert "contract of time_entry/TE-1" in run("find", "C-7").stdout
    assert "1 source has no role: my-psa" in run("status").stdout
    # What is declared now holds for what came before, whichever process makes the paths.
    config = tmp_path / "config"
    (config / "sources").mkdir(parents=True)
    (config / "sources" / "mine.toml").write_text('name = "my-psa"\nrole = "psa"\n')
    assert run("rebuild", REVTRACE_CONFIG=str(config)).returncode == 0
    assert "has role unknown" not in run("trace", "time_entry/TE-1").stdout
    assert "no role" not in run("status").stdout


def test_migrate_says_what_it_would_do_and_does_it(as_json: AsJson) -> None:
    planned = as_json("migrate", "--dry-run")
    assert planned["changes"]
    assert planned["version"] == 0
    done = as_json("migrate")
    assert [change["name"] for change in done["changes"]] == [
        change["name"] for change in planned["changes"]
    ]
    assert as_json("migrate")["changes"] == []


def test_doctor_finds_versions_plugins_ports_and_engine(
    as_json: AsJson, run: Run, home: Path
) -> None:
    found = as_json("doctor")
    assert found["ok"], found["problems"]
    assert found["engine"]["kind"] == "embedded"
    assert found["home"]["folder"] == str(home)
    assert "overdue" in found["plugins"]["rules"]
    assert "time_and_materials" in found["plugins"]["processes"]
    assert set(found["ports"]) == {"http", "grpc", "dashboards"}
    assert found["plugins"]["failures"]["netsuite"] > 1
    assert found["engine"]["disk_free_bytes"] > 0
    full = run("doctor", "--json", REVTRACE_ENGINE__DISK_FREE_BYTES_MIN=str(2**60))
    assert (full.returncode, "make room" in full.stdout) == (1, True)


def test_doctor_tells_its_own_ports_from_those_of_others(as_json: AsJson, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = {"REVTRACE_HTTP__PORT": str(taken.getsockname()[1])}
        assert "in use by another program" in as_json("doctor", **port)["ports"]["http"]
        with Owner.acquire(home, "up", datetime(2026, 9, 30, tzinfo=UTC)) as owner:
            owner.announce(1, "token")
            told = as_json("doctor", **port)["ports"]["http"]
    assert f"served by this revtrace (process {os.getpid()}, revtrace up)" in told


def test_simulate_is_the_same_for_the_same_seed(as_json: AsJson, tmp_path: Path) -> None:
    options = ["--seed", "7", "--scale", "0.02", "--now", "2026-09-28T12:00:00Z"]
    first = as_json("simulate", "--out", str(tmp_path / "one"), *options)
    second = as_json("simulate", "--out", str(tmp_path / "two"), *options)
    assert first.pop("out") != second.pop("out")
    assert first == second
    one, two = ((tmp_path / name / "events.ndjson").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.count(b"\n") == first["events"]


def test_first_questions_to_an_empty_home_are_answered(run: Run) -> None:
    ended = run("status")
    assert ended.returncode == 0
    assert "everything" in ended.stdout
    assert run("findings").stdout == "No findings.\n"


def test_status_says_what_waits_whatever_else_the_error_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the warehouse has no room right now")

    monkeypatch.setattr(status, "_told", away)
    monkeypatch.setattr(status, "_spool", lambda _: {"deliveries": 2, "oldest_seconds": 5.2})
    with pytest.raises(StoreUnavailable) as refused:
        status.run(None, {}, lambda _: None)  # type: ignore[arg-type]
    waits = "Deliveries that wait for it in the spool: 2, the oldest for 5 seconds"
    assert str(refused.value) == f"the warehouse has no room right now. {waits}"
