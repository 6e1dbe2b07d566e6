"""The event, version 1: the contract of DESIGN section 3 as a model that people and programs can
read.

It makes the JSON Schema, and `core.verdict` judges records by it. The engine admits by SQL
(`collector/sql/admission.sql`); a property test holds that both admit, refuse and reason alike. A
key whose value is null counts as absent.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

LINKS_MAX = 10_000
# The key of a record that its source's mapping has refused: reason, field and the record's bytes.
REFUSED = "$refused"
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
CURRENCIES = tuple((Path(__file__).parent / "currencies.txt").read_text("ascii").split())

SNAKE_CASE = r"^[a-z][a-z0-9_]{0,99}$"
AMOUNT = r"^-?[0-9]{1,14}([.][0-9]{1,4})?$"
# The first amount that the pattern cannot hold any more.
AMOUNT_LIMIT = Decimal(10) ** 14
PERIOD = r"^[0-9]{4}-[0-9]{2}$"
INSTANT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


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
    NOT_ALLOWED = "not_allowed"
    UNMAPPED = "unmapped"


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
    Reason.NOT_ALLOWED: "the token that sent it may not speak for this source",
    Reason.UNMAPPED: "the mapping of the source makes no event of it",
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


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an event, for senders and for the OpenAPI description."""
    schema = IntegrationEvent.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
