"""Mappings of payloads are checked when they are read: a wrong one names file, table and key."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collector.mapping import parse_mapping
from collector.payload import mapped
from collector.payload_mapping import PayloadMapping
from collector.source import load_mappings, load_sources
from core.errors import ConfigInvalid
from tests.collector.sourced import source_file

GOOD = """
name = "m"
version = 1
format = "payload"
time = { expression = "at" }
constants = { "object.type" = "invoice", action = "posted" }
fields = { "object.id" = "id" }
[[event]]
name = "a"
"""


def read(text: str) -> PayloadMapping:
    made = parse_mapping(text, "m.toml")
    assert isinstance(made, PayloadMapping)
    return made


def events(mapping: PayloadMapping, body: bytes) -> list[dict[str, Any]]:
    return [one.event for one in mapped(body, mapping, "s") if one.refusal is None]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1\n", "", "key 'version' is missing|'version'"),
        ('name = "m"', 'name = "M m"', "snake_case"),
        ('"id"', '"id..x"', r"key 'object.id'.*no JMESPath"),
        ('"id"', '"shout(id)"', "unknown function shout"),
        ('"object.id" = "id"', '"object.idd" = "id"', "no field of an event"),
        ('"object.id" = "id"', '"context.project" = "id"', "nothing fills object.id"),
        ('time = { expression = "at" }', "", "'time': is missing|'time'"),
        ('expression = "at"', 'expression = "at", zone = "Mars"', "no time zone"),
        ('expression = "at"', 'expression = "at", format = "stardate"', "no form of a time"),
        ('expression = "at"', 'expression = "at", fmt = "iso"', "unknown key"),
        ('name = "a"', 'name = "a"\nwhen = "x ="', "no JMESPath"),
        ('name = "a"', 'name = "a"\n[[event]]\nname = "b"', "no form behind it"),
        ('name = "a"', 'name = "a"\nwhen = "x"\n[[event]]\nname = "a"', "two forms"),
        ('name = "a"', 'name = "a"\namount = { expression = "x" }', "needs a code"),
        ('name = "a"', 'name = "a"\namount = { expression = "x", currency = "XYZ" }', "XYZ"),
        (
            'name = "a"',
            'name = "a"\namount = { expression = "x", currency = "EUR", rounding = "up" }',
            "'up' is unknown",
        ),
        ('name = "a"', 'name = "a"\n[[event.link]]\ntype = "x"\nrelation = "to"\nid = "y"', "'to'"),
        ('"id"', '"_payload.id"', "nothing fills event_id"),
        ('action = "posted"', 'action = "posted", event_id = "1"', "the same for all"),
        (
            '"object.id" = "id"',
            '"object.id" = "id", outcome = { expression = "o", values = { x = "bad" } }',
            "no outcome",
        ),
    ],
)
def test_a_wrong_mapping_names_its_key(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigInvalid, match=says) as told:
        read(GOOD.replace(old, new, 1))
    assert "m.toml" in str(told.value)


def test_the_registered_text_says_the_same_and_not_how_it_was_written() -> None:
    made = read(GOOD)
    again = parse_mapping(made.text, "the register")
    assert again == made
    assert read("# A comment.\n" + GOOD).text == made.text
    assert read(GOOD.replace('"posted"', '"approved"')).text != made.text


def test_a_form_wins_over_what_all_forms_share() -> None:
    text = GOOD + (
        'when = "id"\nconstants = { action = "approved" }\nfields = { "object.type" = "kind" }\n'
        'time = { expression = "then", format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" }\n'
    )
    body = b'{"id": 1, "kind": "project", "then": "01.07.2026 12:00", "at": "2026-01-01"}'
    event = events(read(text), body)[0]
    assert event["object"] == {"type": "project", "id": "1"}
    assert (event["action"], event["occurred_at"]) == ("approved", "2026-07-01T10:00:00Z")


@pytest.mark.parametrize(
    ("rounding", "amount", "made"),
    [
        ("", "1.2345", "1.2345"),
        ("", "1.23450", "1.2345"),
        ("", "1.23456", None),
        ("", "1e2", "100"),
        (', decimals = 2, rounding = "half_even"', "2.345", "2.34"),
        (', decimals = 2, rounding = "half_up"', "2.345", "2.35"),
        (', decimals = 2, rounding = "down"', "-2.349", "-2.34"),
        (', negate = true, decimals = 2, rounding = "down"', '"7.5"', "-7.50"),
        ("", '"7,5"', None),
        ("", "123456789012345", None),
        ("", "0.1", "0.1"),
    ],
)
def test_money_is_exact_and_rounded_only_where_it_is_said(
    rounding: str, amount: str, made: str | None
) -> None:
    text = GOOD + f'amount = {{ expression = "x", currency = "EUR"{rounding} }}\n'
    body = f'{{"id": 1, "at": "2026-01-01", "x": {amount}}}'.encode()
    found = events(read(text), body)
    assert [event["money"]["amount"] for event in found] == ([] if made is None else [made])


def test_a_system_is_found_in_the_config_folder_before_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "netsuite.toml").write_text(GOOD)
    source_file(tmp_path, "mine", 'name = "mine"\nrole = "erp"\nsystem = "netsuite"')
    source_file(tmp_path, "bare", 'name = "bare"\nrole = "erp"\nsystem = "no such"')
    found = load_sources(tmp_path)
    assert found["mine"].mapping == load_mappings(tmp_path)["netsuite"]
    assert found["mine"].mapping is not None
    assert found["mine"].mapping.name == "m"
    assert found["bare"].mapping is None


def test_a_source_may_have_a_payload_mapping_only(tmp_path: Path) -> None:
    text = 'name = "x"\nrole = "erp"\n[mapping]\nformat = "csv"\nversion = 1'
    source_file(tmp_path, "x", text)
    with pytest.raises(ConfigInvalid, match="in mappings/"):
        load_sources(tmp_path)
    assert tomllib.loads(text)["mapping"]["format"] == "csv"
