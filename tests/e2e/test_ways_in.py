"""docs/collector.md is true: each example of a way in is run as it stands."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from tests.e2e.service import Home

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "collector.md").read_text("utf-8")
SECTION = PAGE.split("## Ways in")[1].split("\n## Answers")[0]
EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
WAIT_SECONDS_MAX = 60.0
# events.ndjson 4, the good one of the export's two rows,
# one each of Parquet, OTLP JSON, OCEL and XES; the watched folder brings what is there already.
STORED, DUPLICATES, QUARANTINED = 10, 4, 1


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder that looks like a clone, with the files that the examples name."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "inbox" / "psa").mkdir(parents=True)
    table = {
        "occurred_at": [datetime(2026, 9, 1, tzinfo=UTC)],
        "source": ["netsuite-us"],
        "object.type": ["invoice"],
        "object.id": ["P-1"],
        "action": ["posted"],
    }
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "events.parquet")
    pairs = {"object.type": "invoice", "object.id": "T-1", "action": "posted", "source": "x"}
    attributes = [
        {"key": f"revtrace.{name}", "value": {"stringValue": text}} for name, text in pairs.items()
    ]
    record = {"timeUnixNano": "1790762400000000000", "attributes": attributes}
    request = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    (tmp_path / "telemetry.json").write_text(json.dumps(request))
    ocel = {
        "objects": [{"id": "o1", "type": "order"}],
        "events": [
            {
                "id": "e1",
                "type": "placed",
                "time": "2026-09-01T00:00:00Z",
                "relationships": [{"objectId": "o1", "qualifier": "order"}],
            }
        ],
    }
    (tmp_path / "orders.jsonocel").write_text(json.dumps(ocel))
    (tmp_path / "declarations.xes").write_text(
        '<log><trace><string key="concept:name" value="D-1"/><event>'
        '<string key="concept:name" value="approved"/>'
        '<date key="time:timestamp" value="2026-09-01T00:00:00Z"/></event></trace></log>'
    )
    watch = {"WATCH": "inbox", "WATCH_EVERY_SECONDS": "0.2", "WATCH_SETTLE_SECONDS": "0"}
    settings = {f"REVTRACE_COLLECTOR__{name}": value for name, value in watch.items()}
    return Home(tmp_path, settings)


def test_every_way_in_takes_what_the_page_sends(home: Home) -> None:
    assert {language for language, _ in EXAMPLES} == {"sh"}
    assert len(EXAMPLES) >= 2
    bins = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with home.start("up") as up:
        for language, text in EXAMPLES:
            there = text.replace("http://127.0.0.1:4318", up.told["collector"])
            there = there.replace("http://127.0.0.1:4317", up.told["grpc"])
            program = [sys.executable, "-c"] if language == "python" else ["bash", "-eu", "-c"]
            ended = subprocess.run(
                [*program, there],
                cwd=home.folder,
                env=home.environment() | {"PATH": bins},
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert ended.returncode == 0, f"{text}\n{ended.stdout}{ended.stderr}"
            assert '"quarantined":1' not in ended.stdout, ended.stdout
        report = home.folder / "inbox" / "psa" / "done" / "events.ndjson.report.json"
        last = time.monotonic() + WAIT_SECONDS_MAX
        while not report.with_name("events.ndjson").exists():
            assert time.monotonic() < last, up.log.read_text()[-4000:]
            time.sleep(0.1)
        # The same file was imported by hand before, under no source: these are the same events.
        told = json.loads(report.read_text())
        assert (told["stored"], told["duplicates"]) == (0, 4)
        up.stop()
    counted = home.ask("status")["identity"]
    assert counted["holds"]
    counts = (counted["stored"], counted["duplicates"], counted["quarantined"])
    assert counts == (STORED, DUPLICATES, QUARANTINED)
