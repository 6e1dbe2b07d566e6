"""The contract of DESIGN section 3, sentence by sentence, on the model; expected values are written
by hand.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.event import REASON_TEXTS, Reason, json_schema
from core.verdict import Admitted, Fault, admit, is_json

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "occurred_at": "2026-09-30T12:00:00Z",
    "source": "netsuite-us",
    "object": {"type": "invoice", "id": "INV-1"},
    "action": "posted",
}


def read(record: dict[str, Any] | str, source: str = "") -> Admitted | Fault:
    text = record if isinstance(record, str) else json.dumps(record)
    return admit(text, source=source, received_at=NOW)


def good(**changed: Any) -> Admitted:
    found = read({**GOOD, **changed})
    assert isinstance(found, Admitted), found
    return found


def fault(**changed: Any) -> tuple[str, str]:
    found = read({**GOOD, **changed})
    assert isinstance(found, Fault), found
    return str(found.reason), found.field


def thing(**changed: Any) -> dict[str, Any]:
    return {**GOOD["object"], **changed}


def link(**changed: Any) -> list[dict[str, Any]]:
    return [{"type": "billing_event", "id": "BE-1", "relation": "from", **changed}]


def test_defaults_are_filled() -> None:
    event = good().event
    assert (event.outcome, event.attempt, event.links, event.attributes) == ("ok", 1, [], {})
    assert (event.money, event.error, event.object.version) == (None, None, "")


def test_null_means_absent() -> None:
    assert good(money=None, links=None, context={"contract": None}, attempt=None) == good()
    assert fault(object=None) == ("missing", "object")
    assert fault(nothing=None) == ("unknown_key", "nothing")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"event_id": 3}, ("type", "event_id")),
        ({"event_id": "x" * 201}, ("length", "event_id")),
        ({"occurred_at": "2026-09-30T12:00:00"}, ("pattern", "occurred_at")),
        ({"occurred_at": "2026-09-30T25:00:00Z"}, ("pattern", "occurred_at")),
        ({"occurred_at": "2026-02-30T12:00:00Z"}, ("range", "occurred_at")),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, ("range", "occurred_at")),
        ({"occurred_at": "2026-10-02T12:00:00.000001Z"}, ("future", "occurred_at")),
        ({"occurred_at": 1790762400}, ("type", "occurred_at")),
        ({"source": ""}, ("length", "source")),
        ({"object": "invoice/INV-1"}, ("type", "object")),
        ({"object": thing(type="Invoice")}, ("pattern", "object.type")),
        ({"object": thing(id="")}, ("length", "object.id")),
        ({"object": thing(id="x" * 257)}, ("length", "object.id")),
        ({"object": thing(id="a\0b")}, ("pattern", "object.id")),
        ({"object": thing(version=1.0)}, ("type", "object.version")),
        ({"object": thing(version=True)}, ("type", "object.version")),
        ({"object": thing(name="x")}, ("unknown_key", "object.name")),
        ({"action": "Posted"}, ("pattern", "action")),
        ({"outcome": "fine"}, ("choice", "outcome")),
        ({"correlation_id": True}, ("type", "correlation_id")),
        ({"trace_id": "A" * 32}, ("pattern", "trace_id")),
        ({"span_id": "a" * 15}, ("pattern", "span_id")),
        ({"attempt": "3"}, ("type", "attempt")),
        ({"attempt": 3.0}, ("type", "attempt")),
        ({"attempt": True}, ("type", "attempt")),
        ({"attempt": 0}, ("range", "attempt")),
        ({"links": link(relation="to")}, ("choice", "links.relation")),
        ({"links": link(amount="1e3")}, ("pattern", "links.amount")),
        ({"links": link(relation="same_as")}, ("across_types", "links.type")),
        ({"links": link() * 10_001}, ("length", "links")),
        ({"links": ["INV-1"]}, ("type", "links")),
        ({"context": {"engagement": "T&M"}}, ("pattern", "context.engagement")),
        ({"context": {"period": "2026-9"}}, ("pattern", "context.period")),
        ({"context": {"contarct": "C-1"}}, ("unknown_key", "context.contarct")),
        ({"money": {"amount": 1.5, "currency": "USD"}}, ("type", "money.amount")),
        ({"money": {"amount": "1.23456", "currency": "USD"}}, ("pattern", "money.amount")),
        ({"money": {"amount": "1e3", "currency": "USD"}}, ("pattern", "money.amount")),
        ({"money": {"amount": "1" * 15, "currency": "USD"}}, ("pattern", "money.amount")),
        ({"money": {"amount": "1"}}, ("missing", "money.currency")),
        ({"money": {"amount": "1", "currency": "usd"}}, ("choice", "money.currency")),
        (
            {"money": {"amount": "1", "currency": "USD", "measure": "x"}},
            ("choice", "money.measure"),
        ),
        ({"error": {"code": "x"}}, ("not_with_outcome", "error")),
        ({"attributes": {"a": 1}}, ("type", "attributes")),
        ({"attributes": {"a": "x" * 4097}}, ("length", "attributes")),
        ({"attributes": {str(n): "" for n in range(65)}}, ("length", "attributes")),
        ({"akshun": "x"}, ("unknown_key", "akshun")),
    ],
)
def test_a_broken_rule_is_named_with_its_field(
    changed: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert fault(**changed) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"a":NaN}', "not_json"),
        ('{"a":1e400}', "not_json"),
        ('{"a":"\\ud800"}', "not_json"),
        ('{"a":1}{}', "not_json"),
        ("[]", "not_object"),
        ("null", "not_object"),
        ('{"attempt":1234567890123456789}', "number"),
        ('{"action":"a","action":"a"}', "repeated_key"),
    ],
)
def test_a_record_that_is_none_is_named_as_a_whole(text: str, reason: str) -> None:
    found = read(text)
    assert isinstance(found, Fault)
    assert found.reason == reason


def test_repeated_keys_are_found_in_nested_objects() -> None:
    text = json.dumps(GOOD).replace('"id": "INV-1"', '"id": "INV-1", "id": "INV-2"')
    assert read(text) == Fault(Reason.REPEATED_KEY, "object.id")


def test_the_first_fault_is_the_one_that_is_named() -> None:
    assert fault(akshun=1, event_id=3, attempt="x") == ("unknown_key", "akshun")
    assert fault(attempt="x", event_id=3) == ("type", "event_id")
    assert fault(object={"type": "X"}) == ("missing", "object.id")


def test_awkward_ids_are_ids() -> None:
    for name in ("a/b", "é😀", " ", "\u2028", '"', "x" * 256):
        assert good(object=thing(id=name)).event.object.id == name


def test_24_hours_ahead_is_the_last_instant() -> None:
    at = (NOW + timedelta(hours=24)).isoformat()
    assert good(occurred_at=at).event.instant() == NOW + timedelta(hours=24)


def test_times_are_utc_microseconds_cut_not_rounded() -> None:
    found = good(occurred_at="2026-09-30T14:00:00.123456999+02:00")
    assert found.event.instant() == datetime(2026, 9, 30, 12, 0, 0, 123456, tzinfo=UTC)
    assert good(occurred_at="2026-09-30T12:00:00.5Z").event.instant().microsecond == 500_000


def test_the_content_is_the_declared_fields_in_their_order() -> None:
    """Written out by hand: the texts, NUL, and the list of their lengths."""
    texts = [
        "1790769600000000",
        "netsuite-us",
        "invoice",
        "INV-1",
        "",
        "posted",
        "ok",
        "",
        "",
        "",
        "",
        "1",
        "",
    ]
    texts += [""] * 11 + ["", "", "", "", "", "\0[]"]
    lengths = ",".join(str(len(text)) for text in texts)
    content = ("".join(texts) + f"\0[{lengths}]").encode()
    found = good()
    assert found.event_id == hashlib.sha256(content).hexdigest()
    assert found.content_hash == hashlib.sha256(content).digest()[:16]


def test_the_same_content_has_one_hash_however_it_is_written() -> None:
    links = [*link(), *link(id="BE-0", amount="1.5")]
    first = good(
        links=links, attributes={"b": "1", "a": "2"}, money={"amount": "10.5", "currency": "USD"}
    )
    second = good(
        links=[{**links[1], "amount": "1.5000"}, links[0]],
        attributes={"a": "2", "b": "1"},
        money={"currency": "USD", "amount": "0010.50"},
        outcome="ok",
        occurred_at="2026-09-30T14:00:00.000000+02:00",
    )
    assert first.event_id == second.event_id
    assert good(event_id="x").content_hash == good(event_id="y").content_hash == good().content_hash
    assert (
        good(object=thing(version=3)).content_hash == good(object=thing(version="3")).content_hash
    )
    assert good(source="other").content_hash != good().content_hash


def test_a_given_id_is_kept_and_a_missing_source_is_filled_in() -> None:
    assert good(event_id="mine").event_id == "mine"
    bare = {name: value for name, value in GOOD.items() if name != "source"}
    assert read(bare) == Fault(Reason.MISSING, "source")
    found = read(bare, source="from-url")
    assert isinstance(found, Admitted)
    assert found.event.source == "from-url"


def test_the_schema_says_what_the_model_checks() -> None:
    from jsonschema import Draft202012Validator

    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    valid = Draft202012Validator(schema)
    assert valid.is_valid({**GOOD, "links": link(), "money": {"amount": "1", "currency": "USD"}})
    for changed in ({"akshun": 1}, {"attempt": "3"}, {"money": {"amount": 1, "currency": "USD"}}):
        assert not valid.is_valid({**GOOD, **changed})


def test_every_reason_has_a_sentence() -> None:
    assert set(REASON_TEXTS) == set(Reason)
    assert is_json("[1]")
    assert not is_json("[")
