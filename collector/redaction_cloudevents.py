"""Redaction of a CloudEvent: its `data` by the names that fields of events have, its attributes by
their own names and by those of the fields that they become.

`subject` is `type/id`, and each half is redacted as that field is, so a token of the id is the one
that the same object has everywhere else.
"""

import base64
from collections.abc import Iterable
from typing import Any

from collector.exact_json import Pairs, read_as_written

# The attributes that become fields of an event. The source stays: rules are told by it.
FIELDS = {
    "id": ("event_id",),
    "time": ("occurred_at",),
    "type": ("action",),
    "correlationid": ("correlation_id",),
    "traceparent": ("trace_id", "span_id"),
}
OBJECT, OBJECT_TYPE, OBJECT_ID = "object", "object.type", "object.id"


def redacted(event: Pairs, rules: Iterable[Any], mask: str) -> Pairs:
    """The event with what the rules name hidden."""
    return Pairs((key, _member(key, part, rules, mask)) for key, part in event)


def told(event: Pairs) -> list[Pairs]:
    """A CloudEvent and what its data says, in base64 too: each may name a source."""
    found = [event, *(part for key, part in event if key == "data" and isinstance(part, Pairs))]
    for key, part in event:
        if key == "data_base64" and isinstance(part, str):
            try:
                text = base64.b64decode(part).decode("utf-8")
                inner = read_as_written(text.removeprefix("\ufeff"))
            except (ValueError, RecursionError):
                continue
            found += [inner] if isinstance(inner, Pairs) else []
    return found


def _member(key: str, part: Any, rules: Iterable[Any], mask: str) -> Any:
    """A member of the event; what of `data` is no JSON object cannot be looked into."""
    if key == "data_base64" or (key == "data" and not isinstance(part, (Pairs, type(None)))):
        return mask
    for each in rules:
        if key == "data":
            part = each.value(part)
            continue
        part = each.value(Pairs([(key, part)]))[0][1]
        if key == "subject":
            part = _subject(part, each)
        elif fate := each.fate(*FIELDS.get(key, ())):
            part = each.hide(fate, part)
    return part


def _subject(subject: Any, rules: Any) -> Any:
    kind, identity = rules.fate(OBJECT_TYPE, OBJECT), rules.fate(OBJECT_ID, OBJECT)
    if not isinstance(subject, str):
        fate = identity or kind
        return rules.hide(fate, subject) if fate else subject
    # Without a slash it is the id.
    word, slash, key = subject.partition("/") if "/" in subject else ("", "", subject)
    word = rules.hidden(kind, word) if kind and word else word
    key = rules.hidden(identity, key) if identity and key else key
    return f"{word}{slash}{key}"
