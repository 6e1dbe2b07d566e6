"""The folder lock: one owner, named in the refusal, and no trace of it once it is gone."""

import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ConfigInvalid, StoreLocked
from core.lock import FILE, Owner, read_owner

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from core.lock import Owner
owner = Owner.acquire(Path(sys.argv[1]), "up", datetime(2026, 9, 30, 12, tzinfo=UTC))
owner.announce(4711, "secret")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_owner_is_named_with_what_to_do(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreLocked) as refused:
        Owner.acquire(tmp_path, "import", NOW)
    text = str(refused.value)
    assert f"process {holder.pid} (revtrace up)" in text
    assert f"kill {holder.pid}" in text
    assert "REVTRACE_HOME" in text
    assert "\n" not in text


def test_card_of_another_process_is_read(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    card = read_owner(tmp_path)
    assert card is not None
    assert (card.pid, card.command, card.port, card.token) == (holder.pid, "up", 4711, "secret")
    assert "secret" not in repr(card)


def test_file_left_behind_by_a_killed_owner_is_no_obstacle(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / FILE).stat().st_size > 0
    assert read_owner(tmp_path) is None
    with Owner.acquire(tmp_path, "up", NOW) as owner:
        assert owner.card.pid == os.getpid()


def test_file_is_for_its_user_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(0o644)
    with Owner.acquire(tmp_path, "up", NOW):
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_new_card_is_whole_whatever_was_there(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("x" * 3000)
    with Owner.acquire(tmp_path, "up", NOW) as owner:
        owner.announce(1, "t" * 200)
        owner.announce(2, "t")
        assert read_owner(tmp_path) == owner.card


def test_released_folder_belongs_to_nobody(tmp_path: Path) -> None:
    owner = Owner.acquire(tmp_path / "new" / "home", "up", NOW)
    owner.release()
    owner.release()
    assert read_owner(tmp_path / "new" / "home") is None
    assert read_owner(tmp_path / "nowhere") is None


def test_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigInvalid, match="REVTRACE_HOME"):
        Owner.acquire(tmp_path / "file" / "home", "up", NOW)
