"""Side by side with process miners: PM4Py, r4pm and DuckDB read the same OCEL file as revtrace and
answer the same question, the variants and durations of its orders (issue 4).

The file is the running example of OCEL 2.0 and a copy of it blown up 20 times. Each contender is a
process of its own. The peers run in a throw-away environment, whose interpreter is given with
`--python`; none is a dependency. A wrong answer of revtrace ends the benchmark with an error.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from core.store import SqlFolder

SQL = SqlFolder(__file__)
ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT.parent / "shared" / "data" / "running-example.sqlite"
COPIES = (1, 20)
PEERS = ("pm4py", "r4pm", "duckdb")
IDS = {"ocel_id", "ocel_event_id", "ocel_object_id", "ocel_source_id", "ocel_target_id"}
# What the README beside the data says of the orders.
CASES, VARIANTS, MEDIAN_SECONDS = 2_000, (1_614, 307, 65, 10, 3, 1), 620_750.5
LAPS = ("read", "lineage", "question")
Told = dict[str, Any]


def run(console: Console, python: Path | None = None) -> None:
    """Measure all of them by both files, and print; or say that the file is not there."""
    # Not resolved: the interpreter of an environment is a link to one without its packages.
    python = python.absolute() if python else None
    if not LOG.is_file():
        console.print(f"nothing to read: {LOG.name} is not beside the repository", style="yellow")
        return
    for copies in COPIES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "log.sqlite"
            blow_up(LOG, file, copies)
            console.print(_table(file, copies, python))


def blow_up(log: Path, into: Path, copies: int) -> None:
    """Write an OCEL file with every event, object and relation as often, each copy with ids of its
    own: `990001-1`. Ids become texts everywhere: in the original they are numbers in some tables
    and texts in others, and r4pm does not find the ones by the others.
    """
    with closing(sqlite3.connect(into, uri=True, isolation_level=None)) as database:
        database.execute(SQL["attach_log"], {"file": f"{log.absolute().as_uri()}?mode=ro"})
        database.execute(SQL["log_numbers"], {"copies": copies})
        database.execute("BEGIN")
        for (table,) in database.execute(SQL["log_tables"]).fetchall():
            columns = database.execute(SQL["log_columns"], {"table": table}).fetchall()
            names = {name: _quoted(name) for name, _ in columns}
            kept = [f"{names[name]} {'TEXT' if name in IDS else kind}" for name, kind in columns]
            database.execute(_filled("copy_log_table", table, kept))
            # What names types has no ids, and is there once.
            rows = "copy_log_rows" if IDS & names.keys() else "copy_log_names"
            found = [
                f"{each} || '-' || number" if name in IDS else each for name, each in names.items()
            ]
            database.execute(_filled(rows, table, found))
        database.execute("COMMIT")


def _filled(name: str, table: str, columns: Sequence[str]) -> str:
    """A statement on a table that only the file names: identifiers cannot be bound."""
    text = SQL.raw(name).replace("{{table}}", _quoted(table))
    return text.replace("{{columns}}", ", ".join(columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def wrong(told: Told, copies: int) -> str:
    """What is wrong with an answer; nothing where it equals the README's numbers."""
    wanted = {
        "cases": CASES * copies,
        "variants": [cases * copies for cases in VARIANTS],
        "median_seconds": MEDIAN_SECONDS,
    }
    return ", ".join(
        f"{name} {told.get(name)}, not {value}"
        for name, value in wanted.items()
        if told.get(name) != value
    )


def _table(file: Path, copies: int, python: Path | None) -> Table:
    table = Table("who", "read", "lineage", "question", "whole", "clock", "peak MiB")
    for name in ("x question", "x whole", "answer"):
        table.add_column(name)
    table.title = f"{CASES * copies:,} orders; processor seconds, and times those of revtrace"
    ours = _told([sys.executable, "-m", "benchmarks.following", str(file)])
    if told := wrong(ours, copies):
        raise RuntimeError(f"revtrace answers {told}")
    table.add_row(*_row("revtrace", ours, ours, copies))
    for peer in PEERS:
        script = str(ROOT / "benchmarks" / "peer_miners.py")
        command = [str(python), script, peer, str(file)]
        theirs = _told(command) if python else {"missing": peer}
        table.add_row(*_row(peer, theirs, ours, copies))
    return table


def _told(command: list[str]) -> Told:
    """The last line that a contender prints; others may be its libraries'."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
    told: Told = json.loads(done.stdout.splitlines()[-1])
    return told


def _row(name: str, told: Told, ours: Told, copies: int) -> list[str]:
    if "missing" in told:
        return [name, "not installed"]
    laps = told["laps"]
    spent = [laps[lap]["processor"] if lap in laps else None for lap in LAPS]
    question, whole = _spent(told, "question"), _spent(told, *LAPS)
    return [
        f"{name} {told['version']}",
        *("-" if each is None else f"{each:.2f}" for each in spent),
        f"{whole:.2f}",
        f"{sum(lap['seconds'] for lap in laps.values()):.2f}",
        f"{told['peak_bytes'] >> 20:,}",
        f"{question / _spent(ours, 'question'):.2f}",
        f"{whole / _spent(ours, *LAPS):.2f}",
        wrong(told, copies) or "right",
    ]


def _spent(told: Told, *laps: str) -> float:
    return sum(told["laps"][lap]["processor"] for lap in laps if lap in told["laps"])
