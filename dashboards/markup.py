"""HTML for what Streamlit has no element for: chips, cards, tables. Pure; everything is escaped."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlencode

from dashboards import formats, glossary

Row = Mapping[str, Any]


class Markup(str):
    """Text that is HTML already. Everything else is escaped before it gets onto a page."""

    __slots__ = ()


class Column(NamedTuple):
    """A column of a table: its title, what a cell shows of a row, and where it stands."""

    title: str
    cell: Callable[[Row], str]
    kind: str = ""  # a class of theme.css: `number` is right-aligned, `wide`, `nowrap`


def tag(name: str, *children: str, **attributes: str | None) -> Markup:
    """Make an element; `class_` is the attribute class, attributes that are None are left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>{''.join(map(text, children))}</{name}>")


def text(value: str) -> Markup:
    """Escape a value unless it is markup already."""
    return value if isinstance(value, Markup) else Markup(escape(value, quote=False))


def joined(*parts: str) -> Markup:
    return Markup("".join(map(text, parts)))


def link(page: str, label: str, title: str | None = None, /, **params: str) -> Markup:
    """Link to a page of ours with its query parameters; empty ones are left out."""
    query = urlencode({key: value for key, value in params.items() if value})
    # Relative, so that the pages work below any path of a reverse proxy.
    return tag("a", label, href=f"./{page}?{query}" if query else f"./{page}", title=title)


def object_link(key: str) -> Markup:
    """Link to the path of an object, in business words; of what a control compares, to that."""
    if not key:
        return Markup("")
    name = glossary.object_name(key)
    if (control := glossary.compared(key)) is not None:
        # All its periods: a break that goes on has the name of the one it began in.
        asked = {each: control[each] for each in ("control", "contract", "entity")}
        return link("reconciliation", name, **{k: v for k, v in asked.items() if v}, status="all")
    kind, _, identity = key.partition("/")
    if kind == "source":
        return tag("span", name)
    return link("path", name, key=identity if kind == "correlation" else key)


def chip(label: str, tone: str, title: str | None = None) -> Markup:
    """Show a state as a word on its colour; tone is a path, stage or severity name of theme.css."""
    return tag("span", label, class_=f"rt-chip rt-{tone}", title=title)


def path_chip(state: str) -> Markup:
    word = glossary.PATH_STATES.get(state)
    return chip(glossary.label(glossary.PATH_STATES, state), state, word and word.meaning)


def stage_chip(state: str) -> Markup:
    word = glossary.STAGE_STATES.get(state)
    return chip(glossary.label(glossary.STAGE_STATES, state), state, word and word.meaning)


def amount(row: Row, field: str = "amount") -> Markup:
    return tag("span", formats.money(row[field], row["currency"]), class_="rt-money")


def moment(at: datetime | None, now: datetime) -> Markup:
    """An instant, with how long ago it was on hover."""
    if at is None:
        return Markup(formats.NO_VALUE)
    return tag("span", formats.instant(at, year=at.year != now.year), title=formats.ago(at, now))


def legend(parts: Sequence[tuple[str, str]]) -> Markup:
    """What the colours of bars mean: pairs of a tone and its words."""
    told = (joined(tag("i", class_=f"rt-{tone}"), words) for tone, words in parts)
    return tag("p", *(tag("span", each) for each in told), class_="rt-legend")


def table(columns: Sequence[Column], rows: Sequence[Row], caption: str) -> Markup:
    """A table for people and screen readers; the caption says what it lists."""
    head = tag(
        "tr",
        *(tag("th", column.title, class_=column.kind or None, scope="col") for column in columns),
    )
    body = [
        tag("tr", *(tag("td", column.cell(row), class_=column.kind or None) for column in columns))
        for row in rows
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", head),
            tag("tbody", *body),
            class_="rt-table",
        ),
        class_="rt-scroll",
    )


class Card(NamedTuple):
    """A headline number with what it is made of."""

    title: str
    value: str
    lines: Sequence[str] = ()
    tone: str = ""
    hint: str | None = None


def cards(shown: Sequence[Card]) -> Markup:
    return tag("div", *map(_card, shown), class_="rt-cards")


def _card(card: Card) -> Markup:
    return tag(
        "div",
        tag("div", card.title, class_="rt-card-title"),
        tag("div", card.value, class_="rt-card-value"),
        *(tag("div", line, class_="rt-card-line") for line in card.lines),
        class_=f"rt-card rt-edge-{card.tone}" if card.tone else "rt-card",
        title=card.hint,
    )


def currency_lines(amounts: Mapping[str, Any], most: int = 4) -> list[Markup]:
    """Amounts line by line, one currency each, since currencies are never added together."""
    known = {currency: value for currency, value in amounts.items() if currency and value}
    ordered = sorted(known.items())
    lines = [
        tag("span", formats.money_short(value, currency), title=formats.money(value, currency))
        for currency, value in ordered[:most]
    ]
    if len(ordered) > most:
        rest = ", ".join(formats.money(value, currency) for currency, value in ordered[most:])
        lines.append(tag("span", f"and {len(ordered) - most} more currencies", title=rest))
    return lines


def facts(shown: Mapping[str, str], class_: str = "") -> Markup:
    """Names with their values, side by side or (`rt-long`) in lines; empty ones are left out."""
    return tag(
        "dl",
        *(tag("div", tag("dt", name), tag("dd", value)) for name, value in shown.items() if value),
        class_=f"rt-facts {class_}".strip(),
    )
