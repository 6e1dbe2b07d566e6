"""What is wanted of a field is said of every field that the contract has."""

from collections.abc import Iterator
from typing import Any

from core.event import Reason, json_schema
from core.wanted import WANTED, wanted


def paths(schema: dict[str, Any], part: dict[str, Any], before: str = "") -> Iterator[str]:
    """The path of every key, as admission names it."""
    for choice in part.get("anyOf", []):
        yield from paths(schema, choice, before)
    if "$ref" in part:
        yield from paths(schema, schema["$defs"][part["$ref"].rpartition("/")[2]], before)
    if "items" in part:
        yield from paths(schema, part["items"], before)
    for name, inner in part.get("properties", {}).items():
        path = f"{before}.{name}" if before else name
        yield path
        yield from paths(schema, inner, path)


def test_every_field_is_told_of_and_no_other() -> None:
    schema = json_schema()
    assert sorted(set(paths(schema, schema))) == sorted(WANTED)


def test_an_unknown_key_is_answered_with_the_one_that_was_meant() -> None:
    assert wanted(Reason.UNKNOWN_KEY, "context.contrakt") == "did you mean context.contract?"
    assert wanted(Reason.UNKNOWN_KEY, "contract") == "did you mean context.contract?"
    # What only stands in the same place is no guess.
    assert wanted(Reason.UNKNOWN_KEY, "context.cost_center") == ""
    assert wanted(Reason.UNKNOWN_KEY, "zzz") == ""
    assert wanted(Reason.PATTERN, "money.amount").startswith("an exact decimal")
    assert wanted(Reason.NOT_JSON, "") == ""
