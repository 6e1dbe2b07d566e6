"""The sample quarter of a home: what its greeting proposes to ask for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from revtrace import demo, greeting


def test_greeting_says_what_comes_in_and_names_a_revenue_event_to_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "SCALE", 0.02)
    note = demo.make(tmp_path, datetime(2026, 9, 28, 12, tzinfo=UTC))
    key = demo.key_to_try(tmp_path)
    lines = (tmp_path / "demo" / "paths.ndjson").read_text().splitlines()
    assert key in {json.loads(line)["root"] for line in lines}
    greeting.show_demo(note.events, key, as_json=True)
    assert capsys.readouterr().out == ""
    greeting.show_demo(note.events, key, as_json=False)
    told = " ".join(capsys.readouterr().out.split())
    assert f"{note.events:,} events" in told
    assert f"`revtrace trace {key}`" in told
