"""Redaction: what a source's file says must not be kept is masked, or turned into a keyed token,
before anything is stored.

The same value and key give the same token, so tokens still join and can be searched. A delivery of
such a source holds the redacted bytes, and the sha256 of those that came.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from collector import redaction_cloudevents, redaction_csv, redaction_otlp
from collector.delivery import (
    CLOUDEVENTS,
    CSV,
    JSON,
    LINES,
    NO_RECORD,
    NO_REQUEST,
    OCEL,
    OTLP_LOGS,
    OTLP_TRACES,
    PAYLOAD,
    ROWS,
    Delivery,
)
from collector.exact_json import Pairs, bytes_of, read_as_written, text_of
from collector.forms import otlp_json
from collector.forms.json_array import json_lines
from collector.mapping import CsvMapping, Mappings
from collector.secret import Secret, read_secret
from core.declaration import Table
from core.errors import BadInput

MASK = "***"
TOKEN = "tok_"
TOKEN_HEX = 32
HIDDEN = re.compile(rf"(?:{re.escape(MASK)}|{TOKEN}[0-9a-f]{{{TOKEN_HEX}}})\Z")
ENTRIES_MAX = 500
ENTRY = re.compile(r"[^\s\x00-\x1f]{1,200}\Z")
WITHHELD = re.compile(NO_RECORD + rb"[0-9]+ bytes that are no JSON, withheld by redaction\Z")
OTLP_PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class Rules:
    """What a source's `[redact]` names: keys on any level, or paths with dots; `*` is any one
    key.
    """

    mask: tuple[str, ...] = ()
    token: tuple[str, ...] = ()
    key: Secret | None = None
    _patterns: Mapping[str, tuple[re.Pattern[str], ...]] = field(
        default_factory=dict, compare=False
    )

    def ready(self) -> "Rules":
        """The same with its patterns compiled; raises ConfigInvalid when the key is not there."""
        if self.key is not None:
            self.key.read()
        kinds = {"mask": self.mask, "token": self.token}
        return replace(
            self,
            _patterns={kind: tuple(map(_compiled, names)) for kind, names in kinds.items()},
        )

    def fate(self, *paths: str) -> str:
        """`mask`, `token` or nothing, for the paths, keys joined by dots, that one value has."""
        for kind in ("mask", "token"):
            patterns = self._patterns[kind]
            if any(pattern.fullmatch(path) for path in paths for pattern in patterns):
                return kind
        return ""

    def hidden(self, fate: str, text: str) -> str:
        """What stands in place of a text; what was hidden before keeps its token, which joins."""
        if fate == "mask":
            return MASK
        return text if HIDDEN.match(text) else self.token_of(text)

    def token_of(self, text: str) -> str:
        """The token of a value, as it is searched by."""
        assert self.key is not None, "tokens need a key"
        digest = hmac.new(self.key.read(), text.encode("utf-8", "replace"), hashlib.sha256)
        return TOKEN + digest.hexdigest()[:TOKEN_HEX]

    def document(self, body: bytes) -> bytes:
        """A body of JSON, or of JSON lines, redacted; a line that is none is withheld."""
        text = _decoded_text(body)
        whole = _hidden(text, self)
        if whole is not None:
            return whole
        return b"\n".join(
            (_hidden(line, self) or withheld(line.encode())) if line.strip() else b""
            for line in text.split("\n")
        )

    def value(self, value: Any, path: str = "") -> Any:
        """A JSON value as `exact_json.read_as_written` gives it, redacted."""
        match value:
            case Pairs():
                return Pairs((key, self._below(part, _joined(path, key))) for key, part in value)
            case list():
                return [self.value(part, path) for part in value]
        return value

    def _below(self, value: Any, path: str) -> Any:
        fate = self.fate(path)
        return self.hide(fate, value) if fate else self.value(value, path)

    def hide(self, fate: str, value: Any) -> Any:
        """What stands in place of a JSON value, whatever it is; nothing stays nothing."""
        match value:
            case None:
                return None
            case _ if fate == "mask":
                return MASK
            case Pairs():
                return Pairs((key, self.hide(fate, part)) for key, part in value)
            case list():
                return [self.hide(fate, part) for part in value]
            case str():
                return self.hidden(fate, str(value))
        return self.hidden(fate, text_of(value))


class Redactor:
    """The rules of all declared sources, applied to deliveries."""

    def __init__(self, rules: Mapping[str, Rules]) -> None:
        self._rules = {name: each.ready() for name, each in rules.items()}

    def redacted(self, delivery: Delivery, mappings: Mappings) -> Delivery:
        """Return the delivery without what its sources' rules name; the same where there is
        nothing to do. Raises BadInput for bytes that cannot be decoded, so that they are not kept.
        """
        # A replay was redacted with its payload; what waited in the spool may be older than the
        # rules, and hiding again changes nothing that is hidden.
        hidden = delivery.original_sha256 and not delivery.spooled
        if not self._rules or hidden or delivery.replays:
            return delivery
        constant = _constant_source(delivery, mappings)
        if not self._concerned(delivery, constant):
            return delivery
        made = self._decoded(delivery, mappings, constant)
        if made.body == delivery.body:
            return delivery
        original = delivery.original_sha256 or hashlib.sha256(delivery.body).hexdigest()
        return replace(made, payload=None, numbers=(), original_sha256=original)

    def tokens(self, value: str) -> list[str]:
        """What a value is called where it was turned into a token, each once."""
        keyed = (each for each in self._rules.values() if each.token)
        return sorted({each.token_of(value) for each in keyed})

    def rules(self, source: str) -> Rules | None:
        """The rules of a source, None when it has none."""
        return self._rules.get(source)

    def _concerned(self, delivery: Delivery, constant: str) -> bool:
        """Say whether any record can be of a source with rules: its name may be escaped in JSON."""
        if {delivery.source, constant} & self._rules.keys():
            return True
        encoded = delivery.protocol == CLOUDEVENTS and b"data_base64" in delivery.body
        return encoded or self._names_one(delivery.body)

    def _names_one(self, text: bytes) -> bool:
        return b"\\" in text or any(name.encode() in text for name in self._rules)

    def _decoded(self, delivery: Delivery, mappings: Mappings, constant: str) -> Delivery:
        match delivery.protocol:
            case _ if delivery.protocol in (OTLP_LOGS, OTLP_TRACES):
                body = otlp_json.protobuf_of(delivery)
                given = delivery.source
                body = redaction_otlp.redacted(delivery.protocol, body, given, self.rules)
                return replace(delivery, body=body, content_type=OTLP_PROTOBUF)
            case _ if delivery.protocol == CSV:
                mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
                assert isinstance(mapping, CsvMapping)
                of = constant or delivery.source
                body = redaction_csv.redacted(delivery.body, mapping, of, self.rules)
                return replace(delivery, body=body)
            case _ if delivery.protocol == PAYLOAD:
                return replace(delivery, body=self._payload(delivery))
            case _ if delivery.protocol == JSON:
                lines = json_lines(delivery.body)
                body = b"\n".join(self._line(line, delivery.source) for line in lines)
                return replace(delivery, body=body, protocol=LINES)
            case _ if delivery.protocol == CLOUDEVENTS:
                # An array again, since that is what its form reads.
                lines = json_lines(delivery.body)
                body = b",".join(self._cloud_event(line, delivery.source) for line in lines)
                return replace(delivery, body=b"[" + body + b"]")
            case _ if delivery.protocol == ROWS:
                mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
                rows = mapping if isinstance(mapping, CsvMapping) else None
                of = constant or delivery.source
                lines = [self._row(line, rows, of) for line in delivery.body.split(b"\n")]
                return replace(delivery, body=b"\n".join(lines))
            case _ if delivery.protocol == NO_REQUEST:
                # Whose they are nobody can tell.
                whole = delivery.source in self._rules
                lines = delivery.body.split(b"\n")
                body = b"\n".join(
                    withheld(line) if line and (whole or self._names_one(line)) else line
                    for line in lines
                )
                return replace(delivery, body=body)
        lines = delivery.body.split(b"\n")
        pairs = delivery.protocol == OCEL
        made = (self._line(line, delivery.source, pairs=pairs) for line in lines)
        return replace(delivery, body=b"\n".join(made))

    def _line(self, line: bytes, source: str, *, pairs: bool = False) -> bytes:
        if not line.strip():
            return line
        record = _read(line)
        if not isinstance(record, Pairs):
            # Nobody knows what stands in it: where it may be of a redacted source it is withheld.
            return withheld(line) if source in self._rules or self._names_one(line) else line
        rules = [self._rules[name] for name in _sources(record, source) if name in self._rules]
        if not rules:
            return line
        made = record
        for each in rules:
            made = each.value(made)
        return bytes_of(text_of(_paired(record, made) if pairs else made))

    def _row(self, line: bytes, mapping: CsvMapping | None, source: str) -> bytes:
        """A row of a table as it is kept: a JSON object of texts, by the names of its columns."""
        if not line.strip():
            return line
        record = read_as_written(line.decode("utf-8"))
        column = mapping.fields.get("source") if mapping else None
        named = [column.value(str(value)) for key, value in record if column and key == column.name]
        rules = self._rules.get(next(filter(None, named), source))
        if rules is None:
            return line
        filled = mapping.filled if mapping else {}
        cells = ((key, rules.fate(key, *filled.get(key, ())), cell) for key, cell in record)
        made = Pairs((key, rules.hide(fate, cell) if fate else cell) for key, fate, cell in cells)
        return bytes_of(text_of(made))

    def _cloud_event(self, line: bytes, source: str) -> bytes:
        """A CloudEvent; what its `data` says goes by the names that fields of events have."""
        record = _read(line)
        if not isinstance(record, Pairs):
            made = self._line(line, source)
            # A JSON string, since it stands in an array whose other elements are still read.
            return line if made == line else bytes_of(text_of(made.decode()))
        told = redaction_cloudevents.told(record)
        names = [name for part in told for name in _sources(part, source)]
        rules = [self._rules[name] for name in dict.fromkeys(names) if name in self._rules]
        if not rules:
            return line
        return bytes_of(text_of(redaction_cloudevents.redacted(record, rules, MASK)))

    def _payload(self, delivery: Delivery) -> bytes:
        rules = self._rules.get(delivery.source)
        if rules is None:
            return delivery.body
        # A line break inside of one document is no second document.
        if (
            b"\n" not in delivery.body.strip()
            and _hidden(_decoded_text(delivery.body), rules) is None
        ):
            raise BadInput("the body is no JSON", "its source is redacted", "Send JSON")
        return rules.document(delivery.body)


def redactor_of(sources: Iterable[Any]) -> Redactor:
    """The redactor of declared sources; raises ConfigInvalid when a key is not there."""
    return Redactor({each.name: each.redact for each in sources if each.redact is not None})


def read_rules(table: Table | None) -> Rules | None:
    """Read `[redact]`; raises ConfigInvalid naming its key."""
    if table is None:
        return None
    mask, token = _entries(table, "mask"), _entries(table, "token")
    if not mask and not token:
        table.refuse("mask", "and token are both missing", "Name the keys to redact")
    if token and not table.has("key"):
        table.refuse("key", "is missing, and tokens need one", 'Add key = { env = "NAME" }')
    made = Rules(mask, token, read_secret(table, "key") if table.has("key") else None)
    table.close()
    return made


def withheld(line: bytes) -> bytes:
    """What is kept of a line that cannot be decoded: that it was there."""
    if WITHHELD.match(line):
        return line
    return NO_RECORD + b"%d bytes that are no JSON, withheld by redaction" % len(line)


def _read(line: bytes) -> Any:
    try:
        return read_as_written(line.decode("utf-8").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _paired(record: Pairs, made: Pairs) -> Pairs:
    """The event of a pair, whose id says the object's too, with the id that this one has now."""
    before, now = _object_id(record), _object_id(made)
    if before == now:
        return made
    return Pairs(
        (key, f"{str(part).removesuffix(before)}{now}")
        if key == "event_id" and isinstance(part, str) and part.endswith(f":{before}")
        else (key, part)
        for key, part in made
    )


def _object_id(record: Pairs) -> str:
    found = (part for key, part in record if key == "object" and isinstance(part, Pairs))
    return next((str(part) for each in found for key, part in each if key == "id"), "")


def _hidden(text: str, rules: Rules) -> bytes | None:
    try:
        return bytes_of(text_of(rules.value(read_as_written(text))))
    except (ValueError, RecursionError):
        return None


def _decoded_text(body: bytes) -> str:
    return body.decode("utf-8", "replace").removeprefix("\ufeff")


def _entries(table: Table, key: str) -> tuple[str, ...]:
    if not table.has(key):
        return ()
    found: list[Any] = table.value(key, list, "a list of keys or paths")
    for entry in found:
        if not isinstance(entry, str) or not ENTRY.match(entry):
            table.refuse(
                key, f"{entry!r} is no key or path", "Write it like 'email' or 'worker.id'"
            )
    if len(found) > ENTRIES_MAX:
        table.refuse(key, f"has more than {ENTRIES_MAX} entries")
    return tuple(found)


def _compiled(entry: str) -> re.Pattern[str]:
    if "." not in entry:
        return re.compile(rf"(?:.*\.)?{_any(entry)}", re.DOTALL)
    return re.compile(r"\.".join(_any(part) for part in entry.split(".")), re.DOTALL)


def _any(part: str) -> str:
    return re.escape(part).replace(r"\*", r"[^.]*")


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _sources(record: Pairs, given: str) -> list[str]:
    """Whose record it may be: a source said twice is refused later, and all count until then."""
    said = [str(value) for key, value in record if key == "source" and isinstance(value, str)]
    return list(dict.fromkeys([*filter(None, said), given]))


def _constant_source(delivery: Delivery, mappings: Mappings) -> str:
    if delivery.protocol not in (CSV, ROWS):
        return ""
    mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
    return mapping.constants.get("source", "") if isinstance(mapping, CsvMapping) else ""
