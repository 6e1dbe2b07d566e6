"""CloudEvents 1.0 in JSON, one or a batch: what the attributes say and what `data` says make one
event line.

`source` and `id` are the identity, as they stand; `subject` is `type/id`, the last word of `type`
the action, `time` is occurred_at; the extensions `correlationid` and `traceparent` carry over,
other extensions and `dataschema` are transport and stay in the delivery. `data` holds the other
fields of the event.

A field that both say must be the same: two different values stand there twice, which admission
refuses by the field's name. An attribute that breaks the rules of CloudEvents stands there under
its own name, which is refused just so.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from collector.delivery import CLOUDEVENTS, NO_RECORD, Delivery
from collector.forms.json_array import json_lines
from collector.mapping import Mappings, snake_case

PROTOCOLS = (CLOUDEVENTS,)
SPECVERSION = "1.0"
# The attributes that become fields; a second one of these names is as ambiguous as a second field.
OWN = ("specversion", "id", "source", "type", "subject", "time", "data", "data_base64")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?\Z")
# What ends a type such as `com.acme.invoice.posted.v1` is its version and no action.
TYPE_VERSION = re.compile(r"v?[0-9]+\Z")
JSON_TYPE = re.compile(r"[\w.-]+/(?:[\w.-]+\+)?json\Z")


class Members(list[tuple[str, Any]]):
    """The members of a JSON object in their order, a repeated key with each of its values."""

    def named(self, name: str) -> list[Any]:
        """Every value of that name."""
        return [value for key, value in self if key == name]


@dataclass(frozen=True)
class Number:
    """A JSON number in its own digits."""

    digits: str


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with a line of each CloudEvent; a broken one keeps a line that is refused
    by name.
    """
    lines = (event_line(line) for line in json_lines(delivery.body))
    return replace(delivery, payload=b"\n".join(lines))


def event_line(line: bytes) -> bytes:
    """The event line of one CloudEvent in JSON; what is no JSON object is left as it is."""
    if line.startswith(NO_RECORD):
        return line
    try:
        found = json.loads(
            line,
            object_pairs_hook=Members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
        )
        return _text(_event(found)).encode() if isinstance(found, Members) else line
    except (ValueError, RecursionError):
        return line


def _event(told: Members) -> Members:
    """The members of the event line, with each contradiction in it."""
    event = Members(_wrong(told))
    data, kept = _data(told)
    event += kept
    attributes = Members(_fields(told))
    names = {name for name, _ in attributes}
    event += attributes
    for name, value in data:
        if name not in names:
            event.append((name, value))
        elif name == "object":
            _merge(event, value)
        elif not any(_same(name, value, one) for one in event.named(name)):
            event.append((name, value))
    return event


def _wrong(told: Members) -> Iterator[tuple[str, Any]]:
    """The attributes that no CloudEvent may have so, under their own names."""
    for name in OWN:
        values = told.named(name)
        if len(values) > 1:
            yield from ((name, value) for value in values)
    if _one(told, "specversion") != SPECVERSION:
        yield "specversion", _one(told, "specversion")
    if _one(told, "id") in (None, ""):
        yield "id", _one(told, "id")


def _fields(told: Members) -> Iterator[tuple[str, Any]]:
    """What the attributes say, as fields of an event."""
    for attribute, name in (("id", "event_id"), ("time", "occurred_at"), ("source", "source")):
        value = _one(told, attribute)
        if value not in (None, ""):
            yield name, value
    kind = _one(told, "type")
    if kind is not None:
        yield "action", _action(kind) if isinstance(kind, str) else kind
    subject = _one(told, "subject")
    if isinstance(subject, str):
        word, slash, key = subject.partition("/")
        yield "object", Members([("type", word), ("id", key)] if slash else [("id", subject)])
    elif subject is not None:
        yield "object", subject
    correlation = _one(told, "correlationid")
    if correlation is not None:
        yield "correlation_id", correlation
    yield from _trace(_one(told, "traceparent"))


def _action(kind: str) -> Any:
    words = [word for word in re.split(r"[./:]", kind) if word]
    while len(words) > 1 and TYPE_VERSION.match(words[-1]):
        words.pop()
    return snake_case(words[-1]) if words else kind


def _trace(parent: Any) -> Iterator[tuple[str, Any]]:
    if parent is None:
        return
    found = TRACEPARENT.match(parent) if isinstance(parent, str) else None
    if found is None:
        yield "trace_id", parent
        return
    yield "trace_id", found[1]
    yield "span_id", found[2]


def _data(told: Members) -> tuple[Members, Members]:
    """The fields in `data`, and what of it is no JSON object and so cannot be any."""
    value = _one(told, "data")
    encoded = _one(told, "data_base64")
    if encoded is not None:
        value, name = _decoded(encoded, _one(told, "datacontenttype")), "data_base64"
        kept = Members([("data", _one(told, "data"))] if _one(told, "data") is not None else [])
    else:
        name, kept = "data", Members()
    if isinstance(value, Members):
        return value, kept
    if value is not None or encoded is not None:
        kept.append((name, encoded if encoded is not None else value))
    return Members(), kept


def _decoded(encoded: Any, kind: Any) -> Any:
    """JSON in base64, which the binary mode of a JSON body may come as."""
    plain = kind.split(";")[0].strip().lower() if isinstance(kind, str) else ""
    if not isinstance(encoded, str) or (plain and not JSON_TYPE.match(plain)):
        return None
    try:
        return json.loads(
            base64.b64decode(encoded, validate=True),
            object_pairs_hook=Members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
        )
    except (ValueError, binascii.Error, RecursionError):
        return None


def _merge(event: Members, more: Any) -> None:
    """Add what `data` says of the object to what the subject says; differing values stand there
    twice.
    """
    place = next(place for place, (name, _) in enumerate(event) if name == "object")
    known = event[place][1]
    if not isinstance(known, Members) or not isinstance(more, Members):
        event.append(("object", more))
        return
    for name, value in more:
        if value not in known.named(name):
            known.append((name, value))


def _same(name: str, one: Any, other: Any) -> bool:
    if name == "occurred_at" and isinstance(one, str) and isinstance(other, str):
        try:
            return datetime.fromisoformat(one) == datetime.fromisoformat(other)
        except (ValueError, TypeError):
            return one == other
    return bool(one == other)


def _one(told: Members, name: str) -> Any:
    values = told.named(name)
    return values[0] if values else None


def _text(value: Any) -> str:
    match value:
        case Members():
            inner = (f"{_string(name)}:{_text(part)}" for name, part in value)
            return f"{{{','.join(inner)}}}"
        case list():
            return f"[{','.join(_text(part) for part in value)}]"
        case Number():
            return value.digits
        case str():
            return _string(value)
    return json.dumps(value)


def _string(text: str) -> str:
    """In ASCII where it holds a lone surrogate, which JSON can say and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)
