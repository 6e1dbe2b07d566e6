"""The embedded engine and its process: one owner a folder, however the owner ended."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import StoreRefused
from core.settings import EngineSettings
from core.store import Store

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import sys
from core.errors import RevtraceError
from core.store import Store
try:
    store = Store.open(sys.argv[1], database="asked")
except RevtraceError as error:
    sys.exit(f"{type(error).__name__}: {error}")
store.command("CREATE TABLE IF NOT EXISTS kept (number UInt64) ENGINE = MergeTree ORDER BY number")
sys.stdout.write(f"{store.value('SELECT count() FROM kept')}\\n")
sys.stdout.flush()
"""
WRITE_AND_WAIT = (
    ASK
    + """
store.insert("kept", ["number"], [[number] for number in range(100)])
sys.stdout.write("written\\n")
sys.stdout.flush()
sys.stdin.read()
"""
)

pytestmark = pytest.mark.opens_store("folders of their own, in processes of their own")


def _ask(dsn: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", ASK, dsn], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_a_second_process_is_told_who_is_in_the_way_and_what_to_do(engine_dsn: str) -> None:
    refused = _ask(engine_dsn)
    assert refused.returncode == 1
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("StoreLocked")]
    assert f"{engine_dsn} is in use by another process" in line
    assert "REVTRACE_HOME" in line


def test_a_killed_owner_leaves_its_rows_and_no_lock(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path / 'warehouse'}"
    owner = subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, dsn],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert owner.stdin
    assert owner.stdout
    with owner:
        assert [owner.stdout.readline() for _ in range(2)] == ["0\n", "written\n"]
        owner.send_signal(signal.SIGKILL)
    found = _ask(dsn)
    assert (found.returncode, found.stdout) == (0, "100\n"), found.stderr


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = _ask(f"chdb://{tmp_path / 'file' / 'warehouse'}")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith("StoreRefused: the embedded engine cannot open")
    assert "Not a directory" in line


def test_a_closed_store_lets_go_of_its_engine(tmp_path: Path) -> None:
    """Seen from a process of its own, since the engine of this one is held by the tests."""
    script = """
import sys, threading
from core.store import Store
for name in ("first", "second"):
    store = Store.open(f"chdb://{sys.argv[1]}/{name}")
    done = [threading.Thread(target=store.value, args=("SELECT 1",)) for _ in range(3)]
    for thread in done: thread.start()
    for thread in done: thread.join()
    store.close()
sys.stdout.write("both")
"""
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    assert said.stdout == "both", said.stderr


def test_a_readonly_query_that_tried_to_write_does_not_make_its_thread_readonly(
    engine_dsn: str,
) -> None:
    store = Store.open(engine_dsn, database="readonly_thread")
    store.command("CREATE TABLE before (number UInt8) ENGINE = Memory")
    store.rows("EXISTS TABLE before", readonly=True)
    with pytest.raises(StoreRefused):
        store.rows("INSERT INTO before VALUES (1)", readonly=True)
    store.command("CREATE TABLE after (number UInt8) ENGINE = Memory")
    store.drop()
    store.close()


def test_the_bounds_of_memory_reach_the_engine(tmp_path: Path) -> None:
    script = """
import sys
from core.settings import EngineSettings
from core.store import Store
engine = EngineSettings(memory_bytes_total_max=700_000_000, cache_bytes_max=33_000_000)
store = Store.open(f"chdb://{sys.argv[1]}", engine=engine)
for row in store.rows("SELECT name, value FROM system.server_settings WHERE name IN "
    "('max_server_memory_usage', 'mark_cache_size', 'primary_index_cache_size') ORDER BY name"):
    sys.stdout.write(f"{row['value']} ")
"""
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "w")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert said.stdout.split() == ["33000000", "700000000", "33000000"], said.stderr


def test_threads_that_open_at_the_same_time_get_their_clients(engine_dsn: str) -> None:
    store = Store.open(engine_dsn, database="anchor", engine=EngineSettings(threads_max=1))
    answers: list[int] = []
    workers = [
        threading.Thread(target=lambda: answers.append(store.value("SELECT 1"))) for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert answers == [1] * 8
    assert store.value("SELECT getSetting('max_threads')") == 1
    store.close()
