"""Every shipped mapping has golden payloads: what it makes of each is written down, and looked at
whenever either changes.

`python -m tests.collector.test_golden` writes the expected lines anew; read the difference before
you commit it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.csv_rows import event_lines
from collector.delivery import LINES, PAYLOAD, Delivery
from collector.forms.json_array import json_lines
from collector.mapping import AnyMapping, CsvMapping
from collector.payload import mapped
from collector.payload_mapping import PayloadMapping
from collector.rows_apart import told_apart
from collector.source import load_mappings
from core.event import LATEST
from core.verdict import Admitted, Fault, admit
from lineage.failure import load_failures

GOLDEN = Path(__file__).parent / "golden"
MAPPINGS = load_mappings()
PAYLOADS = sorted(path for path in GOLDEN.glob("*/*") if not path.name.endswith(".expected.ndjson"))


def names(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def made(path: Path) -> list[dict[str, Any]]:
    return list(outcomes(MAPPINGS[path.parent.name], path.read_bytes()))


def outcomes(mapping: AnyMapping, body: bytes) -> Iterator[dict[str, Any]]:
    """What each record becomes, as it is written down."""
    if isinstance(mapping, CsvMapping):
        for line in event_lines(body, mapping, 0)[0].split(b"\n"):
            found = admit(line, source="golden", received_at=LATEST)
            refused = isinstance(found, Fault)
            yield {"refused": found.reason} if refused else {"event": json.loads(line)}
        return
    assert isinstance(mapping, PayloadMapping)
    for one in mapped(body, mapping, "golden"):
        told: dict[str, Any] = {"record": one.number, "form": one.form}
        if one.refusal:
            told |= {"refused": str(one.refusal.reason), "field": one.refusal.field}
        yield told | ({"skipped": True} if one.skipped else {"event": one.event})


def expected(path: Path) -> Path:
    return path.with_name(f"{path.stem}.expected.ndjson")


@pytest.mark.parametrize("path", PAYLOADS, ids=names)
def test_a_shipped_mapping_makes_of_a_payload_what_is_written_down(path: Path) -> None:
    lines = expected(path).read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == made(path)


@pytest.mark.parametrize("path", PAYLOADS, ids=names)
def test_every_golden_event_is_admitted(path: Path) -> None:
    for one in made(path):
        if _good(one):
            line = json.dumps(one["event"])
            assert isinstance(admit(line, source="golden", received_at=LATEST), Admitted), line


def test_a_file_of_golden_payloads_is_read_as_payloads() -> None:
    """None of what the systems send is taken for an event by its envelope, and events are."""
    for path in PAYLOADS:
        if not isinstance(MAPPINGS[path.parent.name], PayloadMapping):
            continue
        for lines in (json_lines(path.read_bytes()), path.read_bytes().splitlines()):
            apart = told_apart([line for line in lines if is_json(line)], Delivery(b""))
            assert {one.protocol for one in apart} <= {PAYLOAD}, path
        events = [json.dumps(one["event"]).encode() for one in made(path) if _good(one)]
        told = [one.protocol for one in told_apart(events, Delivery(b""))]
        assert told == [LINES] * bool(events), path


def _good(one: dict[str, Any]) -> bool:
    return "event" in one and "refused" not in one


def is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), (dict, list))
    except ValueError:
        return False


def test_every_shipped_mapping_has_a_golden_payload() -> None:
    assert {path.parent.name for path in PAYLOADS} == set(MAPPINGS)


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_every_form_of_a_shipped_mapping_is_looked_at(name: str) -> None:
    mapping = MAPPINGS[name]
    if isinstance(mapping, PayloadMapping):
        used = {one["form"] for path in PAYLOADS if path.parent.name == name for one in made(path)}
        assert {form.name for form in mapping.forms} - used == set()


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_a_shipped_mapping_says_where_its_shape_is_from(name: str) -> None:
    from collector.source import SHIPPED_MAPPINGS

    assert "# Shape: " in (SHIPPED_MAPPINGS / f"{name}.toml").read_text("utf-8")
    assert MAPPINGS[name].name == name


@pytest.mark.parametrize(
    ("name", "subkinds"),
    [
        ("mulesoft/json_logger", ["connection", "rate_card"]),
        ("boomi/executions", ["timeout"]),
        ("boomi/tracked_documents", ["validation"]),
        ("netsuite/ledger", ["validation"]),
        ("dynamics365/business_events", ["period_closed"]),
    ],
)
def test_the_failure_catalogue_knows_the_failures(name: str, subkinds: list[str]) -> None:
    """A failed event keeps the code and the words by which lineage tells what it is."""
    path = next(each for each in PAYLOADS if names(each) == name)
    source = path.parent.name
    found = []
    for one in made(path):
        event = one.get("event", {})
        if event.get("outcome") in ("failed", "retrying") and "refused" not in one:
            found.append(subkind(source, event["error"]))
    assert found == subkinds


def subkind(source: str, error: dict[str, str]) -> str:
    code, message = error.get("code", ""), error.get("message", "")
    for pattern in load_failures():
        texts = ((pattern.source, source), (pattern.code, code), (pattern.message, message))
        if all(not wanted or re.search(wanted, text) for wanted, text in texts):
            return pattern.subkind
    return ""


def write() -> None:
    """Write down what is made now."""
    for path in PAYLOADS:
        lines = [json.dumps(one, ensure_ascii=False) for one in made(path)]
        expected(path).write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    write()
