"""Mappings of vendor payloads: which JMESPath expression fills which field of an event.

A mapping stands in a file of its own (`mappings/*.toml`, shipped or in the config folder), where
many sources may use it, or in the file of its one source below `[mapping]`. docs/sources.md
explains every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from collector.exact_json import text_of
from collector.expressions import Expression, compiled
from collector.mapping_parts import PATHS, check_path, read_zone
from core.declaration import Table
from core.errors import ConfigInvalid
from core.event import CURRENCIES, MEASURES, OUTCOMES, RELATIONS

FORMAT = "payload"
# How a value is taken that stands in no value map.
OTHERS = ("quarantine", "keep", "snake_case", "leave_out")
TIME_FORMATS = ("iso", "unix", "unix_ms", "date_ms")
ROUNDINGS = ("refuse", "half_even", "half_up", "down")
FORMS_MAX = 200
LINKS_MAX = 50
VALUES_MAX = 2000
NEEDED = ("object.type", "object.id", "action")
# What a mapping may ask of a record besides its own keys.
PAYLOAD, ITEM, VALUE = "_payload", "_item", "_value"


@dataclass(frozen=True)
class Filled:
    """What fills one field: an expression, what its values become, and what stands in for
    nothing.
    """

    path: str
    expression: Expression
    values: Mapping[str, str] = field(default_factory=dict)
    other: str = "keep"
    default: str = ""
    required: bool = False
    without_prefix: str = ""


@dataclass(frozen=True)
class Moment:
    """When it happened: an expression, the form of its value, the zone of times without offset."""

    expression: Expression
    format: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Weight:
    """Money: where its amount and currency stand, and how a longer fraction is rounded."""

    expression: Expression
    currency: str
    currency_from: Filled | None
    measure: str
    decimals: int
    rounding: str
    required: bool
    negate: bool


@dataclass(frozen=True)
class Linked:
    """Links to objects of one type; an expression that gives a list makes one link each."""

    type: str
    relation: str
    id: Expression
    amount: Expression | None
    when: Expression | None


@dataclass(frozen=True)
class EventForm:
    """One kind of event that a record may become; the first form whose `when` holds makes it."""

    name: str
    when: Expression | None
    skip: bool = False
    each: Expression | None = None
    fields: tuple[Filled, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    moment: Moment | None = None
    weight: Weight | None = None
    links: tuple[Linked, ...] = ()


@dataclass(frozen=True)
class PayloadMapping:
    """How the payloads of one kind of system become events."""

    name: str
    version: int
    source: str
    text: str
    records: Expression | None
    forms: tuple[EventForm, ...]


@dataclass(frozen=True)
class _Shared:
    """What holds for all forms of a mapping, unless one says otherwise."""

    fields: Mapping[str, Filled]
    constants: Mapping[str, str]
    moment: Moment | None
    weight: Weight | None


def read_payload_mapping(table: Table, values: Mapping[str, Any], name: str = "") -> PayloadMapping:
    """Read a mapping; `name` is that of a source with a mapping of its own. Raises ConfigInvalid
    naming file, table and key.

    Its text is what the tables say, not how they are written, so that a new comment needs no new
    version.
    """
    own_name = table.text("name", name) if name else table.word("name")
    table.one_of("format", (FORMAT,), FORMAT)
    shared = _Shared(
        _fields(table), _constants(table), _moment(table), _weight(table.table("amount"))
    )
    forms = table.tables("event")
    if len(forms) > FORMS_MAX:
        table.refuse("event", f"has more than {FORMS_MAX} tables")
    mapping = PayloadMapping(
        name=own_name,
        version=table.number("version", 1, 1_000_000),
        source=table.text("source", ""),
        text=text_of({**values, "name": own_name, "format": FORMAT}, sort_keys=True),
        records=_expression(table, "records"),
        forms=tuple(_form(each, shared) for each in forms),
    )
    table.close()
    _check_forms(table, mapping)
    return mapping


def _check_forms(table: Table, mapping: PayloadMapping) -> None:
    names = [form.name for form in mapping.forms]
    for name in names:
        if names.count(name) > 1:
            table.refuse("event", f"two forms are named '{name}'", "Name each differently")
    for form in mapping.forms[:-1]:
        if form.when is None:
            table.refuse(
                "event",
                f"'{form.name}' has no `when`, so no form behind it is ever used",
                "Put it last, or say when it holds",
            )


def _form(table: Table, shared: _Shared) -> EventForm:
    name = table.word("name")
    when = _expression(table, "when")
    if table.flag("skip", False):
        table.close()
        return EventForm(name, when, skip=True)
    own = _fields(table)
    fields = {**shared.fields, **own}
    constants = {**shared.constants, **_constants(table)}
    # A form's own word for a field wins over what all forms share, whichever kind it is.
    fields = {path: each for path, each in fields.items() if path in own or path not in constants}
    constants = {path: text for path, text in constants.items() if path not in fields}
    weight = shared.weight
    if table.has("amount"):
        weight = _weight(table.table("amount"))
    made = EventForm(
        name=name,
        when=when,
        each=_expression(table, "each"),
        fields=tuple(fields.values()),
        constants=constants,
        moment=_moment(table) or shared.moment,
        weight=None if table.flag("no_amount", False) else weight,
        links=_links(table),
    )
    table.close()
    for path in NEEDED:
        if path not in fields and path not in constants:
            table.refuse("fields", f"nothing fills {path}", "Add it to fields or constants")
    if made.moment is None:
        table.refuse("time", "is missing", "Say when it happened: time = { expression = ... }")
    _check_identity(table, made)
    return made


def _check_identity(table: Table, form: EventForm) -> None:
    """An event without an id of its own gets the sha256 of its record, so what else it is made of
    must not change it.
    """
    has_id = any(each.path == "event_id" for each in form.fields) or "event_id" in form.constants
    if "event_id" in form.constants:
        table.refuse("constants", "event_id is the same for all", "Fill it from the record")
    if not has_id and PAYLOAD in set().union(*(each.names for each in _expressions(form))):
        table.refuse(
            "fields", f"nothing fills event_id, though {PAYLOAD} is read", "Fill it from the record"
        )


def _expressions(form: EventForm) -> list[Expression]:
    found = [each.expression for each in form.fields]
    found += [form.moment.expression] if form.moment else []
    if form.weight:
        found.append(form.weight.expression)
        found += [form.weight.currency_from.expression] if form.weight.currency_from else []
    for link in form.links:
        found += [each for each in (link.id, link.amount, link.when) if each]
    return found


def _expression(table: Table, key: str, *, needed: bool = False) -> Expression | None:
    if not needed and not table.has(key):
        return None
    where = f"{table.file}, {table.name or 'top of the file'}, key '{key}'"
    return compiled(table.text(key), where)


def _needed(table: Table, key: str) -> Expression:
    found = _expression(table, key, needed=True)
    assert found is not None
    return found


def _fields(table: Table) -> dict[str, Filled]:
    below = table.table("fields")
    if below is None:
        return {}
    made = {}
    for path in list(below.keys()):
        check_path(below, path, PATHS | {"attempt"})
        made[path] = _filled(below, path, path)
    below.close()
    return made


def _filled(table: Table, key: str, path: str) -> Filled:
    """`path = "expression"`, or a table with the expression and what its values become."""
    if isinstance(table.peek(key), str):
        return Filled(path, _needed(table, key))
    below = table.table(key)
    assert below is not None
    values = _values(below)
    made = Filled(
        path=path,
        expression=_needed(below, "expression"),
        values=values,
        other=below.one_of("other", OTHERS, "quarantine" if values else "keep"),
        default=below.text("default", ""),
        required=below.flag("required", False),
        without_prefix=below.text("without_prefix", ""),
    )
    below.close()
    known = OUTCOMES if path == "outcome" else None
    for text in (*made.values.values(), made.default):
        if known and text and text not in known:
            below.refuse("values", f"'{text}' is no outcome", f"Use one of {', '.join(known)}")
    return made


def _values(table: Table) -> dict[str, str]:
    below = table.table("values")
    if below is None:
        return {}
    names = below.keys()
    if len(names) > VALUES_MAX:
        table.refuse("values", f"has more than {VALUES_MAX} entries")
    return {name: below.text(name) for name in names}


def _constants(table: Table) -> dict[str, str]:
    below = table.table("constants")
    if below is None:
        return {}
    for path in list(below.keys()):
        check_path(below, path, PATHS)
    made = {path: below.text(path) for path in list(below.keys())}
    below.close()
    return made


def _moment(table: Table) -> Moment | None:
    below = table.table("time")
    if below is None:
        return None
    form = below.text("format", "iso")
    if form not in TIME_FORMATS and "%" not in form:
        below.refuse(
            "format",
            f"'{form}' is no form of a time",
            f"Use one of {', '.join(TIME_FORMATS)}, or one of strptime like '%d.%m.%Y %H:%M'",
        )
    made = Moment(_needed(below, "expression"), form, read_zone(below))
    below.close()
    return made


def _weight(table: Table | None) -> Weight | None:
    if table is None:
        return None
    constant = table.one_of("currency", CURRENCIES) if table.has("currency") else ""
    found = None
    if table.has("currency_from"):
        found = _filled(table, "currency_from", "money.currency")
    if bool(constant) == (found is not None):
        table.refuse("currency", "needs a code or an expression", "Give currency or currency_from")
    made = Weight(
        expression=_needed(table, "expression"),
        currency=constant,
        currency_from=found,
        measure=table.one_of("measure", MEASURES) if table.has("measure") else "",
        decimals=table.number("decimals", 0, 4, 4),
        rounding=table.one_of("rounding", ROUNDINGS, "refuse"),
        required=table.flag("required", False),
        negate=table.flag("negate", False),
    )
    table.close()
    return made


def _links(table: Table) -> tuple[Linked, ...]:
    if not table.has("link"):
        return ()
    made = []
    for each in table.tables("link"):
        made.append(
            Linked(
                type=each.word("type"),
                relation=each.one_of("relation", RELATIONS),
                id=_needed(each, "id"),
                amount=_expression(each, "amount"),
                when=_expression(each, "when"),
            )
        )
        each.close()
    if len(made) > LINKS_MAX:
        table.refuse("link", f"has more than {LINKS_MAX} tables")
    return tuple(made)


def refuse_unless_payload(values: Mapping[str, Any], file: str) -> None:
    """Raise ConfigInvalid for a mapping in a source's file that is of another format."""
    if values.get("format", FORMAT) != FORMAT:
        raise ConfigInvalid(
            f"{file}, [mapping], key 'format'",
            f"is not '{FORMAT}'",
            "Put a csv or ocel mapping into a file of its own in mappings/ and name it as `system`",
        )
