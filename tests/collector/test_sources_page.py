"""docs/sources.md: the example is run, and every key, system and function has its line."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from collector.expressions import OWN_FUNCTIONS, ExactFunctions
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
