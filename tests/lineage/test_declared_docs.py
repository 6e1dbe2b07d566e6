"""docs/how-to/add-a-process.md: its files are read, and it names every key that there is."""

import re
from pathlib import Path
from typing import Any

import pytest

from core.calendar import load_calendars
from core.declaration import Table
from lineage.match import load_matches
from lineage.process import load_processes

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-process.md"
FILE = re.compile(r"^```toml (process|calendar|match)\n(.*?)^```$", re.M | re.S)
LOADS: dict[str, Any] = {
    "process": load_processes,
    "calendar": load_calendars,
    "match": load_matches,
}


def test_the_page_tells_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text()
    told = set(re.findall(r"[`\[]([a-z_]+)[`\]]", text))
    known: set[str] = set()
    close = Table.close

    def noting(self: Table) -> None:
        known.update(self._known)
        close(self)

    monkeypatch.setattr(Table, "close", noting)
    files = FILE.findall(text)
    assert [kind for kind, _ in files] == list(LOADS)
    for kind, content in files:
        folder = tmp_path / kind
        folder.mkdir()
        (folder / "mine.toml").write_text(content)
        assert LOADS[kind](folder)
    assert len(known) > 40
    # Those of a week are told as monday to sunday.
    assert known - told == {"tuesday", "wednesday", "thursday", "friday", "saturday"}
