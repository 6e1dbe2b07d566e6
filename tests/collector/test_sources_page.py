"""docs/sources.md: the example is run, and every key, system and function has its line."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from collector.expressions import OWN_FUNCTIONS, ExactFunctions
from collector.mapping import parse_mapping
from collector.payload import mapped
from collector.payload_mapping import PayloadMapping
from collector.source import load_mappings, read_source
from core.declaration import Table

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text("utf-8")


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def made() -> list[Any]:
    source = read_source(Table("page", "", tomllib.loads(example("source"))))
    assert isinstance(source.mapping, PayloadMapping)
    return list(mapped(example("payload").encode(), source.mapping, source.name))


def test_the_example_makes_the_events_that_it_shows() -> None:
    shown = [json.loads(line) for line in example("events").splitlines()]
    events = [one.event for one in made() if one.refusal is None and not one.skipped]
    for event in events:
        assert len(event.pop("event_id")) == 64
    assert events == shown


def test_the_example_quarantines_and_skips_what_it_says() -> None:
    draft, lost = made()[1], made()[3]
    assert draft.skipped
    assert (lost.refusal.reason, lost.refusal.field) == ("unmapped", "action")
    assert lost.event["money"]["amount"] == "55.50"


def test_every_shipped_system_is_listed() -> None:
    section = PAGE.split("## Shipped systems")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(load_mappings())


def test_every_function_of_ours_is_explained() -> None:
    section = PAGE.split("### Functions")[1].split("\n### ")[0]
    assert set(re.findall(r"`(\w+)\(", section)) - {"split"} == set(OWN_FUNCTIONS) - {"split"}
    assert set(OWN_FUNCTIONS) <= set(ExactFunctions.FUNCTION_TABLE)


WHOLE_ROWS = """
name = "m"
version = 1
format = "csv"
[csv]
[time]
column = "at"
[amount]
column = "total"
currency = "EUR"
[fields]
"object.id" = "no"
[constants]
"object.type" = "invoice"
[activity]
column = "status"
[[activity.value]]
is = "POSTED"
action = "posted"
[[link]]
type = "billing_event"
relation = "from"
id = "bill"
"""


def test_every_key_of_a_mapping_of_rows_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a table of the file is asked for while it is read is what it may say."""
    asked: set[tuple[str, str]] = set()

    def close(table: Table) -> None:
        name = re.sub(r"\[activity\] \[\[value", "[[activity.value", table.name).split(" number")[0]
        if name not in ("[fields]", "[constants]"):
            asked.update((name or "top", key) for key in table._known)

    monkeypatch.setattr(Table, "close", close)
    parse_mapping(WHOLE_ROWS, "page")
    tables = {"csv", "time", "amount", "fields", "constants", "activity", "link"}
    asked -= {("top", name) for name in tables} | {("[activity]", "value")}
    section = PAGE.split("## Mappings of rows")[1].split("\n## ")[0]
    told = re.findall(r"^\| `?([^ `|]+)`? \| `(\w+)` \|", section, re.MULTILINE)
    assert set(told) == asked
    assert len(told) == len(set(told))


def test_every_key_of_a_source_is_explained() -> None:
    section = PAGE.split("## Every key")[1].split("\n## ")[0]
    told = {name.strip("[]") for name in re.findall(r"^\| `([\w\[\]]+)`", section, re.MULTILINE)}
    assert told == {
        *(
            "name",
            "role",
            "system",
            "record_of",
            "expected_every",
            "mapping",
            "signature",
            "redact",
        ),
    }
