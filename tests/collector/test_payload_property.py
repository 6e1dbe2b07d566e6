"""Any payload through any shipped mapping: nothing raises, nothing is lost, good records beside bad
ones are kept.
"""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.payload import event_lines, mapped
from collector.payload_mapping import PayloadMapping
from collector.source import load_mappings
from core.event import LATEST, Reason
from core.verdict import Admitted, Fault, admit

GOLDEN = Path(__file__).parent / "golden"
MAPPINGS = {
    name: each for name, each in load_mappings().items() if isinstance(each, PayloadMapping)
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=12,
)


def golden(name: str) -> list[Any]:
    """The payloads of a mapping, each by itself."""
    found: list[Any] = []
    for path in sorted((GOLDEN / name).glob("*")):
        if path.suffix == ".json":
            content = json.loads(path.read_text("utf-8"))
            found += content if isinstance(content, list) else [content]
    if name == "mulesoft":
        lines = (GOLDEN / name / "json_logger.ndjson").read_text("utf-8").splitlines()
        found += [json.loads(line) for line in lines if line.startswith("{")]
    return found


def mutated(value: Any, random: Random, other: Any) -> Any:
    """The value with one part of it, on some level, replaced or left out."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(sorted(value))
        if random.random() < 0.3:
            return {name: part for name, part in value.items() if name != key}
        return value | {key: mutated(value[key], random, other)}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [*value[:place], mutated(value[place], random, other), *value[place + 1 :]]
    return other


@pytest.mark.parametrize("name", sorted(MAPPINGS))
@given(other=JSON, seed=st.integers(0, 2**32))
def test_a_bad_payload_never_takes_the_good_ones_with_it(name: str, other: Any, seed: int) -> None:
    random = Random(seed)
    payloads = golden(name)
    bad = mutated(random.choice(payloads), random, other)
    place = random.randrange(len(payloads) + 1)
    body = json.dumps([*payloads[:place], bad, *payloads[place:]]).encode()
    made = list(mapped(body, MAPPINGS[name], "s"))
    alone = [
        one for each in payloads for one in mapped(json.dumps(each).encode(), MAPPINGS[name], "s")
    ]
    lines = [one.line() for one in made]
    for one in alone:
        assert one.line() in lines
    assert len(lines) >= len(alone)
    text, numbers = event_lines(body, MAPPINGS[name], "s")
    assert text.split(b"\n") == lines
    assert len(numbers) == len(lines)
    for one in made:
        check(one)


def check(one: Any) -> None:
    """A line is what its record came to: an event that is admitted, or a refusal with a known
    reason.
    """
    if one.skipped:
        return
    found = admit(one.line(), source="s", received_at=LATEST)
    if one.refusal is None:
        assert isinstance(found, Admitted), one
    else:
        assert isinstance(found, Fault)
        assert found.reason == one.refusal.reason
        assert found.reason in list(Reason)
        assert one.refusal.why


@pytest.mark.parametrize("name", sorted(MAPPINGS))
@given(content=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_become_lines(name: str, content: bytes) -> None:
    for one in mapped(content, MAPPINGS[name], "s"):
        assert b"\n" not in one.line()
        check(one)


def test_a_number_keeps_its_digits() -> None:
    content = b'{"type":"create","recordType":"revenuearrangement","record":{"id":1,' + (
        b'"createdDate":"2026-09-05T12:00:00Z","currency":{"refName":"USD"},'
        b'"transactionTotal":99999999999999.13}}'
    )
    made = next(iter(mapped(content, MAPPINGS["netsuite"], "s")))
    assert made.event["money"]["amount"] == "99999999999999.13"


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 50_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"record":{"total":1e999999999}}',
        b'{"record":{"total":' + b"9" * 5_000 + b"}}",
        b'{"record":"\\ud800"}',
        b'{"record":NaN}',
        b"\xff\xfe",
        b"",
    ],
    ids=["open", "deep", "exponent", "digits", "surrogate", "nan", "bytes", "empty"],
)
def test_what_breaks_readers_is_one_refused_record(content: bytes) -> None:
    made = list(mapped(content, MAPPINGS["netsuite"], "s"))
    assert [one.refusal is not None for one in made] == [True]
