"""docs/collector.md: every reason and format has its line, and what is shown to send is taken."""

import re
from datetime import UTC, datetime
from pathlib import Path

from collector.delivery import (
    CLOUDEVENTS,
    CSV,
    JSON,
    LINES,
    NO_REQUEST,
    OCEL,
    OTLP_LOGS,
    OTLP_TRACES,
    ROWS,
)
from collector.file_format import load_formats
from collector.form import load_forms
from collector.source import ROLES
from core.event import Reason
from core.verdict import Admitted, admit

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "collector.md").read_text("utf-8")
WAYS_IN = (DOCS / "ways-in.md").read_text("utf-8")


def test_every_reason_has_its_line() -> None:
    section = PAGE.split("## Quarantine: the reasons")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == [str(reason) for reason in Reason]


def test_the_events_that_it_shows_are_admitted() -> None:
    lines = re.findall(r'^\{"occurred_at".*?\}(?=\'?$)', WAYS_IN, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert isinstance(admit(line, received_at=datetime(2026, 10, 1, tzinfo=UTC)), Admitted)


def test_every_role_is_named() -> None:
    assert ", ".join(ROLES) in PAGE


def test_every_file_format_has_its_line_and_says_what_it_is() -> None:
    section = PAGE.split("### Files")[1].split("\n### ")[0]
    formats = load_formats()
    assert set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE)) == set(formats)
    for name, form in formats.items():
        # Any JSON may be a payload, so it is imported by name alone.
        assert form.ENDINGS or name == "payload", name
        assert form.MAPPING is not None or not form.NEEDS_MAPPING, name
        assert not form.claims(b""), name


def test_every_form_is_one_file_and_no_protocol_has_two() -> None:
    protocols = load_forms()
    assert {JSON, CLOUDEVENTS, CSV, ROWS, NO_REQUEST, OTLP_LOGS, OTLP_TRACES} <= set(protocols)
    # The engine reads these two as they are.
    assert not {LINES, OCEL} & set(protocols)
