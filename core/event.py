"""The event, version 1: the contract of DESIGN section 3 as a model that people and programs can read.

This is the oracle, not the fast path: the engine admits events by SQL (`collector/sql/admit_*.sql`), and a
property test holds that both admit, refuse and reason alike. It also makes the JSON Schema.

A fault is a reason and a field. Of several faults the one that is named is the first in this order: the record as
a whole, repeated keys, unknown keys, then the top-level fields in declared order and within one of them the
reasons in the order of `Reason`, then the nested fields in declared order, last the rules between fields.
A key whose value is null counts as absent.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

LINKS_MAX = 10_000
ATTRIBUTES_MAX = 64
ATTRIBUTE_BYTES_MAX = 4096
FIELD_NAME_CHARS_MAX = 200
FUTURE_MAX = timedelta(hours=24)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# The last instant that the engine can hold.
LATEST = datetime(2299, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

OUTCOMES = ("ok", "failed", "retrying", "skipped")
RELATIONS = ("from", "same_as", "amends", "reverses", "part_of")
MEASURES = (
    "contract_value",
    "approved",
    "billed",
    "deferred",
    "recognized",
    "written_off",
    "collected",
)
# ISO 4217, active codes with funds and metals, as a sender may book in any of them.
CURRENCIES = tuple(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN "
        "BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
        "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS "
        "KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
        "MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR "
        "SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD "
        "USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU "
        "XTS XUA XXX YER ZAR ZMW ZWG ZWL"
    ).split()
)

SNAKE_CASE = r"^[a-z][a-z0-9_]{0,99}$"
AMOUNT = r"^-?[0-9]{1,14}([.][0-9]{1,4})?$"
# The first amount that the pattern cannot hold any more.
AMOUNT_LIMIT = Decimal(10) ** 14
PERIOD = r"^[0-9]{4}-[0-9]{2}$"
INSTANT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
# A longer number is written differently by different programs, so what was meant cannot be known.
LONG_NUMBER = re.compile(r"[0-9]{19}")


class Reason(StrEnum):
    """Why a record was not admitted; stored in quarantine and shown on screens."""

    NOT_JSON = "not_json"
    NUMBER = "number"
    NOT_OBJECT = "not_object"
    REPEATED_KEY = "repeated_key"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    TYPE = "type"
    LENGTH = "length"
    PATTERN = "pattern"
    CHOICE = "choice"
    RANGE = "range"
    FUTURE = "future"
    ACROSS_TYPES = "across_types"
    NOT_WITH_OUTCOME = "not_with_outcome"


REASON_TEXTS: Mapping[str, str] = {
    Reason.NOT_JSON: "the record is not valid JSON in UTF-8",
    Reason.NUMBER: "a number of more than 18 digits; write it as a string",
    Reason.NOT_OBJECT: "the record is JSON but no object",
    Reason.REPEATED_KEY: "a key is there twice",
    Reason.UNKNOWN_KEY: "the contract knows no such key; free text goes into attributes",
    Reason.MISSING: "a required field is missing",
    Reason.TYPE: "the JSON type is wrong",
    Reason.LENGTH: "too short, too long or too many",
    Reason.PATTERN: "the text is not in the form that the contract asks for",
    Reason.CHOICE: "the value is none of those that are known",
    Reason.RANGE: "the value is outside of what can be",
    Reason.FUTURE: "occurred_at is more than 24 hours after the record was received",
    Reason.ACROSS_TYPES: "same_as joins names of one type only",
    Reason.NOT_WITH_OUTCOME: "error comes only with outcome failed or retrying",
}


def _drop_nulls(known: Iterable[str], value: Any) -> Any:
    """Leave out known keys whose value is null; unknown ones stay, to be refused by name."""
    if not isinstance(value, dict):
        return value
    names = set(known)
    return {key: part for key, part in value.items() if part is not None or key not in names}


class Closed(BaseModel):
    """A JSON object with known keys only, strict types, and null meaning absent."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return _drop_nulls(cls.model_fields, value)


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("string_pattern_mismatch", "contains NUL")
    return value


def _version_text(value: Any) -> Any:
    """An integer is a version too; true and 1.0 are not."""
    return str(value) if type(value) is int else value


def _instant(value: str) -> datetime:
    """Read RFC 3339 with offset into UTC; digits behind the microseconds are cut, never rounded."""
    if not re.fullmatch(INSTANT.strip("^$"), value):
        raise PydanticCustomError("string_pattern_mismatch", "RFC 3339 with offset wanted")
    text = re.sub(r"([.][0-9]{6})[0-9]+", r"\1", value).replace("Z", "+00:00")
    try:
        at = datetime.fromisoformat(_padded(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("out_of_range", "there is no such instant") from None
    if not EARLIEST <= at <= LATEST:
        raise PydanticCustomError("out_of_range", "outside of 1970 to 2299")
    return at


def _padded(text: str) -> str:
    return re.sub(r"[.]([0-9]{1,5})(?=[+-])", lambda found: f".{found[1]:0<6}", text)


def _attributes(value: dict[str, str]) -> dict[str, str]:
    sizes = [len(text.encode()) for text in value.values()]
    if max(sizes, default=0) > ATTRIBUTE_BYTES_MAX or any(
        len(name) > FIELD_NAME_CHARS_MAX for name in value
    ):
        raise PydanticCustomError("too_long", "a name or a value is too long")
    return value


Text = Annotated[str, Field(max_length=1000)]
Key = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(pattern=SNAKE_CASE)]
Amount = Annotated[str, Field(pattern=AMOUNT)]
ObjectId = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_without_nul)]
Version = Annotated[
    Key,
    BeforeValidator(_version_text),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 200}]}),
]
Instant = Annotated[
    str,
    AfterValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT}),
]


class ObjectRef(Closed):
    """A business object, `type/id`."""

    type: Word
    id: ObjectId
    version: Version = ""


class Link(Closed):
    """That this event's object came from, is, amends, reverses or is part of another one."""

    type: Word
    id: ObjectId
    relation: Literal["from", "same_as", "amends", "reverses", "part_of"]
    amount: Amount | None = None


class Context(Closed):
    """What a finance person asks by; all optional."""

    customer: Text = ""
    contract: Text = ""
    contract_version: Text = ""
    project: Text = ""
    resource: Text = ""
    legal_entity: Text = ""
    service_line: Text = ""
    region: Text = ""
    engagement: Word | None = None
    period: Annotated[str, Field(pattern=PERIOD)] | None = None
    actor: Text = ""


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("literal_error", "no ISO 4217 code")
    return value


class Money(Closed):
    """An exact amount: a JSON string, never a float."""

    amount: Amount
    currency: Annotated[
        str,
        AfterValidator(_currency),
        WithJsonSchema({"type": "string", "enum": list(CURRENCIES)}),
    ]
    measure: (
        Literal[
            "contract_value",
            "approved",
            "billed",
            "deferred",
            "recognized",
            "written_off",
            "collected",
        ]
        | None
    ) = None


class EventError(Closed):
    """What a failed or retrying event says about its failure."""

    code: Text = ""
    message: Annotated[str, Field(max_length=65_536)] = ""


class IntegrationEvent(Closed):
    """One canonical integration event; the order of the fields is the order of the content hash."""

    event_id: Key = ""
    occurred_at: Instant
    source: Annotated[str, Field(min_length=1, max_length=200)]
    object: ObjectRef
    action: Word
    outcome: Literal["ok", "failed", "retrying", "skipped"] = "ok"
    correlation_id: Key = ""
    trace_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    span_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    idempotency_key: Text = ""
    attempt: Annotated[int, Field(ge=1, le=4_294_967_295)] = 1
    links: Annotated[list[Link], Field(max_length=LINKS_MAX)] = []
    context: Context = Context()
    money: Money | None = None
    error: EventError | None = None
    attributes: Annotated[
        dict[str, str],
        BeforeValidator(lambda value: _drop_nulls(value, value)),
        Field(max_length=ATTRIBUTES_MAX),
        AfterValidator(_attributes),
    ] = {}

    @model_validator(mode="after")
    def _rules_between_fields(self) -> Self:
        if any(link.relation == "same_as" and link.type != self.object.type for link in self.links):
            raise PydanticCustomError("across_types", "links.type")
        if self.error is not None and self.outcome not in ("failed", "retrying"):
            raise PydanticCustomError("not_with_outcome", "error")
        return self

    def instant(self) -> datetime:
        """Return occurred_at in UTC; the validator has made an instant of the text."""
        at: Any = self.occurred_at
        assert isinstance(at, datetime)
        return at


@dataclass(frozen=True)
class Fault:
    """Why a record is refused: the reason and, where there is one, the path of the field."""

    reason: Reason
    field: str = ""


@dataclass(frozen=True)
class Admitted:
    """An event with its identity: (source, event_id) and the first half of the content's sha256."""

    event: IntegrationEvent
    event_id: str
    content_hash: bytes


def admit(line: bytes | str, *, source: str = "", received_at: datetime) -> Admitted | Fault:
    """Read one record as the engine does; `source` fills in where the record names none. Never raises."""
    record = _parse(line)
    if isinstance(record, Fault):
        return record
    fault = _repeated_key(record)
    if fault is not None:
        return fault
    default = {"source": source} if source and record.get("source") is None else {}
    try:
        event = IntegrationEvent.model_validate({**record, **default})
    except ValidationError as error:
        return _first_fault(error)
    if event.instant() > received_at + FUTURE_MAX:
        return Fault(Reason.FUTURE, "occurred_at")
    digest = hashlib.sha256(canonical_content(event)).digest()
    return Admitted(event, event.event_id or digest.hex(), digest[:16])


def canonical_content(event: IntegrationEvent) -> bytes:
    """The bytes whose sha256 is the content of an event: all admitted fields but event_id, in declared order.

    All texts joined, then NUL and the list of their lengths, which makes the joining reversible.
    """
    context = event.context
    money = event.money
    error = event.error or EventError()
    texts = [
        str(_microseconds(event.instant())),
        event.source,
        event.object.type,
        event.object.id,
        event.object.version,
        event.action,
        event.outcome,
        event.correlation_id,
        event.trace_id or "",
        event.span_id or "",
        event.idempotency_key,
        str(event.attempt),
        "\0".join(sorted((_link_text(link) for link in event.links), key=str.encode)),
        context.customer,
        context.contract,
        context.contract_version,
        context.project,
        context.resource,
        context.legal_entity,
        context.service_line,
        context.region,
        context.engagement or "",
        context.period or "",
        context.actor,
        _ten_thousandths(money.amount) if money else "",
        money.currency if money else "",
        (money.measure or "") if money else "",
        error.code,
        error.message,
    ]
    pairs = sorted((name.encode(), text.encode()) for name, text in event.attributes.items())
    attributes = _joined([part for pair in pairs for part in pair])
    return _joined([*(text.encode() for text in texts), attributes])


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an event, for senders and for the OpenAPI description."""
    schema = IntegrationEvent.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def is_json(text: str) -> bool:
    """Say whether a text is JSON as the engine reads it."""
    found = _parse(text)
    return not isinstance(found, Fault) or found.reason is not Reason.NOT_JSON


class _Object(dict[str, Any]):
    """A JSON object that remembers the first key that was there twice."""

    repeated: str | None = None


def _pairs(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    for key, value in pairs:
        if key in made and made.repeated is None:
            made.repeated = key
        made.setdefault(key, value)
    return made


def _parse(line: bytes | str) -> _Object | Fault:
    long_numbers: list[str] = []

    def whole(text: str) -> int:
        if LONG_NUMBER.search(text):
            long_numbers.append(text)
            return 0
        return int(text)

    def fraction(text: str) -> float:
        if LONG_NUMBER.search(text):
            long_numbers.append(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError("larger than a double")
        return value

    def constant(text: str) -> Any:
        raise ValueError(text)

    try:
        text = line if isinstance(line, str) else line.decode()
        found = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_pairs,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=constant,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return Fault(Reason.NOT_JSON)
    if long_numbers:
        return Fault(Reason.NUMBER)
    return found if isinstance(found, _Object) else Fault(Reason.NOT_OBJECT)


def _repeated_key(record: _Object) -> Fault | None:
    if record.repeated is not None:
        return Fault(Reason.REPEATED_KEY, _field_name(record.repeated))
    for name in ("object", "links", "context", "money", "error", "attributes"):
        value = record.get(name)
        for part in value if isinstance(value, list) and name == "links" else [value]:
            if isinstance(part, _Object) and part.repeated is not None:
                return Fault(Reason.REPEATED_KEY, _field_name(f"{name}.{part.repeated}"))
    return None


_REASONS = {
    "missing": Reason.MISSING,
    "extra_forbidden": Reason.UNKNOWN_KEY,
    "string_too_long": Reason.LENGTH,
    "string_too_short": Reason.LENGTH,
    "too_long": Reason.LENGTH,
    "string_pattern_mismatch": Reason.PATTERN,
    "literal_error": Reason.CHOICE,
    "out_of_range": Reason.RANGE,
    "greater_than_equal": Reason.RANGE,
    "less_than_equal": Reason.RANGE,
    "across_types": Reason.ACROSS_TYPES,
    "not_with_outcome": Reason.NOT_WITH_OUTCOME,
}
_RANKS = {reason: rank for rank, reason in enumerate(Reason)}
_NESTED: Mapping[str, type[Closed]] = {
    "object": ObjectRef,
    "links": Link,
    "context": Context,
    "money": Money,
    "error": EventError,
}


def _first_fault(error: ValidationError) -> Fault:
    """Choose the one fault that is named, in the order that the module's docstring states."""
    faults = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        reason = _REASONS.get(detail["type"], Reason.TYPE)
        path = [part for part in detail["loc"] if isinstance(part, str)]
        if reason in (Reason.ACROSS_TYPES, Reason.NOT_WITH_OUTCOME):
            return Fault(reason, detail["msg"])
        faults.append((_order(reason, path), Fault(reason, _field_name(_path_text(path)))))
    return min(faults, key=lambda fault: fault[0])[1]


def _order(reason: Reason, path: list[str]) -> tuple[int, int, int, int]:
    fields = list(IntegrationEvent.model_fields)
    place = fields.index(path[0]) if path[0] in fields else -1
    if reason is Reason.UNKNOWN_KEY:
        return (0, place if len(path) > 1 else -1, 0, 0)
    nested = list(_NESTED[path[0]].model_fields) if path[0] in _NESTED else []
    below = nested.index(path[1]) + 1 if len(path) > 1 and path[1] in nested else 0
    return (1, place, _RANKS[reason], below)


def _path_text(path: list[str]) -> str:
    """Name the field; an attribute's own name is not part of it, since senders choose it freely."""
    return "attributes" if path[0] == "attributes" else ".".join(path)


def _field_name(path: str) -> str:
    return path[:FIELD_NAME_CHARS_MAX]


def _link_text(link: Link) -> str:
    amount = _ten_thousandths(link.amount) if link.amount else ""
    return "\0".join((link.relation, link.type, link.id, amount))


def _ten_thousandths(amount: str) -> str:
    return str(int(Decimal(amount).scaleb(4)))


def _microseconds(at: datetime) -> int:
    return (at - EARLIEST) // timedelta(microseconds=1)


def _joined(parts: list[bytes]) -> bytes:
    sizes = ",".join(str(len(part)) for part in parts)
    return b"".join(parts) + b"\0[" + sizes.encode() + b"]"
