"""docs/collector.md: every reason has its line, and what it shows to send is taken."""

import re
from datetime import UTC, datetime
from pathlib import Path

from collector.source import ROLES
from core.event import Reason
from core.verdict import Admitted, admit

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "collector.md").read_text("utf-8")


def test_every_reason_has_its_line() -> None:
    section = PAGE.split("## Quarantine: the reasons")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == [str(reason) for reason in Reason]


def test_the_events_that_it_shows_are_admitted() -> None:
    lines = re.findall(r'^\{"occurred_at".*?\}(?=\'?$)', PAGE, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert isinstance(admit(line, received_at=datetime(2026, 10, 1, tzinfo=UTC)), Admitted)


def test_every_role_is_named() -> None:
    assert ", ".join(ROLES) in PAGE
