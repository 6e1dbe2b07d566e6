"""Vendor payloads to event lines, by a declared mapping. Pure; no payload makes it raise.

A payload is one JSON document: a request's body, an element of a body that is a list, or a line of
a file. `records` splits it. What cannot be mapped becomes a line that admission quarantines with
its reason, its field and the record's own bytes; the records beside it are kept.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.delivery import NO_RECORD
from collector.exact_json import bytes_of, read, text_of
from collector.expressions import Expression
from collector.filling import Refusal, Unmapped, build, found_by, holds, shape_of
from collector.payload_mapping import ITEM, PAYLOAD, VALUE, EventForm, PayloadMapping
from core.event import LATEST, REASON_TEXTS, REFUSED, Reason
from core.verdict import Fault, admit

# How a line begins that says: this record is nothing for revtrace.
SKIPPED = b"skipped: "
ITEMS_MAX = 10_000


@dataclass(frozen=True)
class Made:
    """What became of one record, or of one item of it: an event, a refusal, or nothing to do."""

    number: int
    form: str
    event: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    skipped: bool = False
    raw: str = ""

    def line(self) -> bytes:
        """The line that admission judges."""
        if self.skipped:
            return SKIPPED + self.form.encode()
        if self.refusal is None:
            return bytes_of(text_of(self.event))
        if self.refusal.reason is Reason.NOT_JSON:
            return NO_RECORD + bytes_of(self.raw)
        known = {
            name: self.event[name]
            for name in ("source", "object", "context", "money")
            if name in self.event
        }
        told = {"reason": str(self.refusal.reason), "field": self.refusal.field, "record": self.raw}
        return bytes_of(text_of({REFUSED: told, **known}))


def event_lines(
    body: bytes, mapping: PayloadMapping, source: str, lines_before: int = 0
) -> tuple[bytes, list[int]]:
    """Map a body; returns the lines for admission and the number of the record, or the line of the
    file, that each came from.
    """
    lines: list[bytes] = []
    numbers: list[int] = []
    for made in mapped(body, mapping, source):
        lines.append(made.line())
        numbers.append(lines_before + made.number)
    return b"\n".join(lines), numbers


def mapped(body: bytes, mapping: PayloadMapping, source: str) -> Iterator[Made]:
    """Map every record of a body, in its order."""
    mapper = _Mapper(mapping, source)
    for number, payload, text in _payloads(body):
        if isinstance(payload, ValueError):
            why = f"it is no JSON: {payload}"
            yield Made(number, "", refusal=Refusal(Reason.NOT_JSON, "", why), raw=text)
        else:
            yield from mapper.payload(number, payload)


def _payloads(body: bytes) -> Iterator[tuple[int, Any, str]]:
    """One document, the elements of a list, or one document a line; a broken line stands alone."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        whole = read(text)
    except ValueError as error:
        lines = [(place, line) for place, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2:
            yield 1, error, " ".join(text.split("\n")).strip()
            return
        yield from (_line(place, line.strip()) for place, line in lines)
        return
    if isinstance(whole, list):
        yield from ((place, each, "") for place, each in enumerate(whole, 1))
    else:
        yield 1, whole, ""


def _line(place: int, line: str) -> tuple[int, Any, str]:
    try:
        return place, read(line), ""
    except ValueError as error:
        return place, error, line


class _Mapper:
    """A mapping made ready for the payloads of one source."""

    def __init__(self, mapping: PayloadMapping, source: str) -> None:
        self._mapping = mapping
        self._source = source or mapping.source

    def payload(self, number: int, payload: Any) -> Iterator[Made]:
        split = self._mapping.records
        if split is None:
            yield from self._record(number, payload, payload)
            return
        found = _listed(split, payload if isinstance(payload, dict) else {VALUE: payload})
        if not found:
            why = f"`{split.text}` finds no record in the payload{shape_of(payload)}"
            refusal = Refusal(Reason.UNMAPPED, "records", why)
            yield Made(number, "", refusal=refusal, raw=text_of(payload))
            return
        # A single document counts its records; a file of many counts its lines.
        for place, record in enumerate(found):
            yield from self._record(number + place, record, payload)

    def _record(self, number: int, record: Any, payload: Any) -> Iterator[Made]:
        root = dict(record) if isinstance(record, dict) else {VALUE: record}
        root[PAYLOAD] = payload
        raw = text_of(record)
        form = next((each for each in self._mapping.forms if holds(each.when, root)), None)
        if form is None:
            why = f"no `when` of mapping {self._mapping.name} holds for it{shape_of(record)}"
            refusal = Refusal(Reason.UNMAPPED, "when", why)
            yield Made(number, "", self._weighed(root), refusal, raw=raw)
            return
        if form.skip:
            yield Made(number, form.name, skipped=True)
            return
        if form.each is None:
            yield self._event(number, form, root, (raw, text_of(record, sort_keys=True)))
            return
        items = _listed(form.each, root)
        if not 0 < len(items) <= ITEMS_MAX:
            why = f"`{form.each.text}` gives no list of 1 to {ITEMS_MAX} items"
            yield Made(number, form.name, {}, Refusal(Reason.UNMAPPED, "each", why), raw=raw)
            return
        for item in items:
            identity = text_of([record, item], sort_keys=True)
            yield self._event(number, form, {**root, ITEM: item}, (raw, identity))

    def _event(
        self, number: int, form: EventForm, root: Mapping[str, Any], said: tuple[str, str]
    ) -> Made:
        raw, identity = said
        event, refusal = build(form, root)
        if self._source and "source" not in event:
            event["source"] = self._source
        if "event_id" not in event:
            # Of the record and not of the event: a mended mapping makes the same event anew.
            event["event_id"] = hashlib.sha256(bytes_of(identity)).hexdigest()
        if refusal is None:
            found = admit(bytes_of(text_of(event)), source=self._source, received_at=LATEST)
            if isinstance(found, Fault):
                refusal = Refusal(found.reason, found.field, why_refused(event, found))
        return Made(number, form.name, event, refusal, raw=raw)

    def _weighed(self, root: Mapping[str, Any]) -> dict[str, Any]:
        """What a record of no form weighs: as the first form reads it that can."""
        event: dict[str, Any] = {"source": self._source} if self._source else {}
        for form in self._mapping.forms:
            if form.skip:
                continue
            built, _ = build(form, root)
            event |= {name: built[name] for name in ("money",) if name in built}
            period = built.get("context", {}).get("period")
            if period:
                event["context"] = {"period": period}
            if "money" in event:
                break
        return event


def _listed(expression: Expression, root: Any) -> list[Any]:
    """What an expression gives as a list: one thing is a list of one, nothing an empty one."""
    try:
        found = found_by(expression, root)
    except Unmapped:
        return []
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def why_refused(event: Mapping[str, Any], fault: Fault) -> str:
    """Why an event is refused, with what stands in the field."""
    value: Any = event
    for part in fault.field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    shown = f": '{value[:100]}'" if isinstance(value, str) else ""
    return REASON_TEXTS[fault.reason] + shown
