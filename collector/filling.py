"""Fills the fields of an event from a record, by the forms of a mapping. Pure: values in, a field's
text or the reason why there is none out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from collector.exact_json import plain_number, text_of
from collector.expressions import Expression
from collector.mapping import snake_case
from collector.payload_mapping import ITEM, PAYLOAD, EventForm, Filled, Moment, Weight
from core.event import AMOUNT_LIMIT, EARLIEST, FIELD_NAME_CHARS_MAX, LATEST, Reason

EXACT = Context(prec=500)
ROUNDED = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
DATE_MS = re.compile(r"/Date\((-?[0-9]{1,17})(?:[+-][0-9]{4})?\)/\Z")
SECONDS_MAX = 10**11
KEPT = Decimal("0.0001")


@dataclass(frozen=True)
class Refusal:
    """Why a record makes no event: the reason, the field, and a sentence for who mends the
    mapping.
    """

    reason: Reason
    field: str
    why: str


class Unmapped(Exception):
    """A value that the mapping cannot take; `field` where it is not that of the step."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


def build(form: EventForm, root: Mapping[str, Any]) -> tuple[dict[str, Any], Refusal | None]:
    """Fill what can be filled, and name the first field that cannot."""
    event: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for path, text in form.constants.items():
        _put(event, path, text)
    for each in form.fields:
        try:
            text = filled(each, root)
        except Unmapped as error:
            refusals.append(Refusal(Reason.UNMAPPED, each.path, str(error)))
            continue
        if text:
            _put(event, each.path, _typed(each.path, text))
        elif each.required or each.path in ("object.type", "object.id", "action"):
            why = f"`{each.expression.text}` gives nothing{shape_of(root)}"
            refusals.append(Refusal(Reason.UNMAPPED, each.path, why))
    for name, step in STEPS:
        try:
            step(event, form, root)
        except Unmapped as error:
            refusals.append(Refusal(Reason.UNMAPPED, error.field or name, str(error)))
    return event, refusals[0] if refusals else None


def filled(each: Filled, root: Mapping[str, Any]) -> str:
    """The text of a field, empty where there is nothing; raises Unmapped."""
    try:
        value = each.expression.find(root)
    except ValueError as error:
        raise Unmapped(f"`{each.expression.text}` cannot be worked out: {error}") from None
    free = each.path.startswith("attributes.")
    text = _text(value)
    if text is None:
        if not free:
            raise Unmapped(f"`{each.expression.text}` gives a list or an object, no text")
        text = text_of(value)
    text = text.removeprefix(each.without_prefix).strip()
    if not text:
        return each.default
    if not each.values:
        return snake_case(text) if each.other == "snake_case" else text
    if text in each.values:
        return each.values[text]
    match each.other:
        case "keep":
            return text
        case "snake_case":
            return snake_case(text)
        case "leave_out":
            return each.default
    known = ", ".join(list(each.values)[:20])
    raise Unmapped(f"'{text[:100]}' is none of the values of its map ({known})")


def _timed(event: dict[str, Any], form: EventForm, root: Mapping[str, Any]) -> None:
    moment = form.moment
    if moment is None:
        return
    value = found_by(moment.expression, root)
    text = _text(value)
    if not text:
        raise Unmapped(f"`{moment.expression.text}` gives no time{shape_of(root)}")
    try:
        at = _instant(text.strip(), moment)
    except (ValueError, OverflowError, ArithmeticError):
        raise Unmapped(f"'{text[:100]}' is no time of format '{moment.format}'") from None
    if not EARLIEST <= at <= LATEST:
        raise Unmapped(f"'{text[:100]}' is outside of 1970 to 2299")
    event["occurred_at"] = at.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"


def _instant(text: str, moment: Moment) -> datetime:
    match moment.format:
        case "unix":
            return _since_epoch(Decimal(text))
        case "unix_ms":
            return _since_epoch(Decimal(text) / 1000)
        case "date_ms":
            found = DATE_MS.match(text)
            if found:
                return _since_epoch(Decimal(found[1]) / 1000)
            at = datetime.fromisoformat(text)
        case "iso":
            # Digits behind the microseconds are cut, as admission does.
            at = datetime.fromisoformat(re.sub(r"([.][0-9]{6})[0-9]+", r"\1", text))
        case form:
            at = datetime.strptime(text, form)
    return (at if at.tzinfo else at.replace(tzinfo=moment.zone)).astimezone(UTC)


def _since_epoch(seconds: Decimal) -> datetime:
    if not seconds.is_finite() or abs(seconds) > SECONDS_MAX:
        raise ValueError("out of range")
    return EARLIEST + timedelta(microseconds=int(seconds * 1_000_000))


def _weigh(event: dict[str, Any], form: EventForm, root: Mapping[str, Any]) -> None:
    weight = form.weight
    if weight is None:
        return
    text = _text(found_by(weight.expression, root))
    if not text or not text.strip():
        if weight.required:
            raise Unmapped(f"`{weight.expression.text}` gives nothing", "money.amount")
        return
    currency = weight.currency
    if weight.currency_from is not None:
        try:
            currency = filled(weight.currency_from, root)
        except Unmapped as error:
            event["money"] = _readable(text.strip())
            raise Unmapped(str(error), "money.currency") from None
    event["money"] = {"currency": currency} | _readable(text.strip())
    event["money"]["amount"] = amount_text(text.strip(), weight)
    if weight.measure:
        event["money"]["measure"] = weight.measure
    if not currency:
        asked = weight.currency_from.expression.text if weight.currency_from else ""
        raise Unmapped(f"`{asked}` gives no currency", "money.currency")


def _readable(text: str) -> dict[str, str]:
    """The amount as far as it can be read, so that what is refused can still be weighed."""
    try:
        value = Decimal(text)
        within = value.is_finite() and abs(value) < AMOUNT_LIMIT
        return {"amount": f"{value.quantize(KEPT, ROUND_DOWN):f}"} if within else {}
    except InvalidOperation:
        return {}


def amount_text(text: str, weight: Weight) -> str:
    """An exact decimal text; raises Unmapped for what is no number, or has more decimals than are
    kept while nobody said how it is rounded.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unmapped(f"'{text[:100]}' is no number", "money.amount") from None
    if not value.is_finite() or abs(value.adjusted()) > 100:
        raise Unmapped(f"'{text[:40]}' is no amount", "money.amount")
    value = -value if weight.negate else value
    step = Decimal(1).scaleb(-weight.decimals)
    if weight.rounding == "refuse":
        if value != value.quantize(step, ROUND_DOWN, EXACT):
            raise Unmapped(
                f"{text[:40]} has more than {weight.decimals} decimals, "
                "and the mapping does not say how it is rounded",
                "money.amount",
            )
        exponent = value.as_tuple().exponent
        shown = value if isinstance(exponent, int) and exponent >= -weight.decimals else None
        value = shown if shown is not None else value.quantize(step, ROUND_DOWN, EXACT)
    else:
        value = value.quantize(step, ROUNDED[weight.rounding], EXACT)
    return f"{value:f}"


def _link(event: dict[str, Any], form: EventForm, root: Mapping[str, Any]) -> None:
    made: list[dict[str, str]] = []
    for link in form.links:
        if link.when is not None and not holds(link.when, root):
            continue
        found = found_by(link.id, root)
        ids = found if isinstance(found, list) else [found]
        amounts = found_by(link.amount, root) if link.amount else None
        weights = amounts if isinstance(amounts, list) else [amounts] * len(ids)
        for place, value in enumerate(ids):
            text = _text(value)
            if text is None:
                raise Unmapped(f"`{link.id.text}` gives more than texts", "links.id")
            if not text.strip():
                continue
            one = {"type": link.type, "id": text.strip(), "relation": link.relation}
            amount = _text(weights[place]) if place < len(weights) else ""
            if amount:
                one["amount"] = amount
            if one not in made:
                made.append(one)
    if made:
        event["links"] = made


def found_by(expression: Expression, root: Any) -> Any:
    """What an expression says of a record; raises Unmapped where it cannot be worked out."""
    try:
        return expression.find(root)
    except ValueError as error:
        raise Unmapped(f"`{expression.text}` cannot be worked out: {error}") from None


def holds(when: Expression | None, root: Mapping[str, Any]) -> bool:
    """A condition that cannot be worked out does not hold; what is empty is false, as JMESPath
    has it.
    """
    if when is None:
        return True
    try:
        value = when.find(root)
    except ValueError:
        return False
    return value not in (None, False, "", [], {})


def _text(value: Any) -> str | None:
    """The text of a scalar, empty for nothing, None for what is no scalar."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return plain_number(value)
        case float():
            # A literal of the expression itself: as it is written there.
            return repr(value)
        case []:
            return ""
    return None


def _typed(path: str, text: str) -> Any:
    return int(text) if path == "attempt" and text.isdecimal() and len(text) < 10 else text


def _put(event: dict[str, Any], path: str, value: Any) -> None:
    head, dot, rest = path.partition(".")
    if not dot:
        event[head] = value
        return
    event.setdefault(head, {})[rest] = value


def shape_of(record: Any) -> str:
    """What a record has, for who mends a mapping: names of keys, never values."""
    if not isinstance(record, Mapping):
        return ""
    names = [name for name in record if name not in (PAYLOAD, ITEM)]
    return f"; the keys there are {', '.join(names[:12])}"[:FIELD_NAME_CHARS_MAX] if names else ""


Step = Callable[[dict[str, Any], EventForm, Mapping[str, Any]], None]
STEPS: tuple[tuple[str, Step], ...] = (
    ("occurred_at", _timed),
    ("money", _weigh),
    ("links", _link),
)
