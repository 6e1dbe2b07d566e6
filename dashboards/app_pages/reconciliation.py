"""Reconciliation: do the systems agree on the money, and if not, what makes the difference."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from core.store import SqlFolder
from dashboards import charts, data, formats, glossary, hops, markup, page
from dashboards.markup import Card, Column, Markup, joined, tag

TITLE = "Reconciliation"
ICON = ":material/balance:"
PLACE = 4

SQL = SqlFolder(__file__, "reconciliation")
Row = Mapping[str, Any]

_SHOWS = {"break": "What does not agree", "": "Everything", "ok": "What agrees"}
_REASONS = 3


def render() -> None:
    found = data.load({"fresh": page.FRESHNESS, "known": data.Query(SQL["known"])})
    fresh, known = found["fresh"][0], found["known"]
    page.head("Do the books agree?", fresh)
    if not fresh["events"]:
        page.no_revenue_events(fresh)
        return
    if not known:
        page.empty(
            "Nothing to compare yet",
            "Controls compare money that says what it measures: approved, billed, deferred, "
            "recognized, or the value of a contract. No event has told any so far.",
        )
        return
    chosen, control, status = _filters(known)
    asked = {name: data.Query(SQL[name], chosen) for name in ("standing", "rollforward")}
    rolls = data.Query(SQL["contracts"], {**chosen, "rows": data.settings().dashboards.rows_max})
    between = data.Query(SQL["hops"], {name: chosen[name] for name in ("period", "entity")})
    answers = data.load({**asked, "contracts": rolls, "hops": between})
    if not answers["standing"]:
        page.empty("No such money", "Nothing matches these filters. Take one away.")
        return
    failed = _failed(chosen, answers["standing"])
    st.html(_answer(answers["standing"], sum(failed.values())))
    st.html(markup.cards(cards(answers["standing"], failed)))
    _rollforward(answers["rollforward"], answers["contracts"], chosen)
    _rows(chosen, control, status, answers["standing"])
    if answers["hops"]:
        with st.expander("Money by hop: what went in and what came out"):
            st.html(hops.table(answers["hops"]))


def _filters(known: Sequence[Row]) -> tuple[dict[str, str], str, str]:
    """Show the filters; each is kept in the URL, so that a link says exactly what it shows."""
    titles = {row["control"]: row["title"] for row in known}
    places = st.columns(5)
    with places[0]:
        periods = sorted({row["period"] for row in known}, reverse=True)
        period = page.choice("Period", "period", periods, lambda name: name or "All periods")
    with places[1]:
        entities = sorted({row["legal_entity"] for row in known if row["legal_entity"]})
        entity = page.choice("Legal entity", "entity", entities, glossary.entity)
    with places[2]:
        control = page.choice(
            "Control", "control", list(titles), lambda name: titles.get(name, name) or "All of them"
        )
    with places[3]:
        told = page.choice(
            "Show", "status", ["break", "all", "ok"], lambda name: _SHOWS[_status(name)], "break"
        )
    with places[4]:
        contract = st.text_input(
            "Contract", key="contract", bind="query-params", placeholder="All contracts"
        )
    chosen = {"period": period, "entity": entity, "contract": (contract or "").strip()}
    return chosen, control, _status(told)


def _status(name: str) -> str:
    return "" if name == "all" else name if name in _SHOWS else "break"


def _failed(chosen: Mapping[str, str], rows: Sequence[Row]) -> Counter[str]:
    """How many differences of each control that may be on their way a system has refused, among
    the largest that a page may show.
    """
    broken, waiting = (sum(row[name] for row in rows) for name in ("broken", "waiting"))
    if not waiting:
        return Counter()
    most = min(waiting, data.settings().dashboards.rows_max)
    found = data.reconciliation({**chosen, "status": "break"}, most, broken)
    return Counter(row["control"] for row in found if row["failed"])


def _answer(rows: Sequence[Row], failed: int) -> Markup:
    """The one sentence that the page is opened for."""
    compared, broken, waiting, carried = (
        sum(row[name] for row in rows) for name in ("compared", "broken", "waiting", "carried_on")
    )
    if not broken and waiting:
        agree = _of(compared - waiting - carried, compared)
        said = joined(tag("b", "Nothing is known to differ so far"), f": {agree} agree.")
    elif not broken:
        said = joined(tag("b", "The systems agree"), f" in {_of(compared, compared)}.")
    else:
        said = joined(
            tag("b", f"{formats.counted(broken, 'comparison')} of {formats.count(compared)}"),
            f" {'does' if broken == 1 else 'do'} not agree. Each says below what makes the "
            "difference, and where it is stuck.",
        )
    ahead = (
        f"{formats.counted(waiting, 'more difference')} in a period that is still being billed may "
        "be work on its way."
        if waiting
        else "No difference is put down to work that is still on its way."
    )
    if failed:
        ahead += f" A system refused what is behind {formats.count(failed)} of them."
    if carried:
        ahead += (
            f" {formats.counted(carried, 'more row')} of a break that goes on, which counts once."
        )
    return tag("p", said, tag("small", ahead), class_="rt-answer")


def _of(part: int, whole: int) -> str:
    comparisons = formats.counted(whole, "comparison")
    return f"all {comparisons}" if part == whole else f"{formats.count(part)} of {comparisons}"


def cards(rows: Sequence[Row], failed: Mapping[str, int]) -> list[Card]:
    """One a control: whether it holds, and by how much it does not. Green where nothing differs
    and nothing waits.
    """
    controls: dict[str, list[Row]] = {}
    for row in rows:
        controls.setdefault(row["control"], []).append(row)
    return [_card(own, failed.get(name, 0)) for name, own in controls.items()]


def _card(own: Sequence[Row], failed: int) -> Card:
    compared, broken, waiting, carried = (
        sum(row[field] for row in own) for field in ("compared", "broken", "waiting", "carried_on")
    )
    lines = markup.currency_lines(
        {row["currency"]: row["total"] for row in own if row["broken"]}, most=3
    )
    if broken and own[0]["runs_up"]:
        lines.append(tag("span", "each break once, at its newest period", class_="rt-note"))
    if not broken:
        agree = compared - waiting - carried
        said = f"of {formats.counted(compared, 'comparison')}"
        if waiting:
            said = f"{formats.count(agree)} of {formats.count(compared)} agree"
        lines.insert(0, tag("span", said))
    if waiting:
        held = f", of which {formats.count(failed)} failed" if failed else ""
        lines.append(tag("span", f"{formats.count(waiting)} on its way{held}", class_="rt-note"))
    value, tone = "Agrees", "complete"
    if broken:
        value, tone = f"{formats.count(broken)} differ", "failed"
    elif waiting:
        value, tone = f"{formats.count(waiting)} to wait for", "overdue" if failed else "in_flight"
    hint = f"{own[0]['left_title']}, against {own[0]['right_title']}"
    return Card(own[0]["title"], value, lines, tone, hint)


# --- roll-forward -----------------------------------------------------------------------------


def _rollforward(rows: Sequence[Row], contracts: Sequence[Row], chosen: Mapping[str, str]) -> None:
    moving = [row for row in rows if any(row[name] for name in ("opening", "billed", "recognized"))]
    if not moving:
        return
    of = chosen["contract"] or "all contracts"
    when = chosen["period"] or "all periods"
    st.subheader(f"Deferred revenue, {of}, {when}", anchor=False)
    drawn = charts.drawn_currencies({row["currency"]: row["contracts"] for row in moving})
    figure = charts.rollforward([row for row in moving if row["currency"] in drawn])
    page.chart(figure, "rollforward", "Opening deferred revenue, billed, recognized, closing")
    st.caption(
        "Opening deferred + billed - recognized should be closing deferred as the ERP keeps it. "
        "Below zero it is a contract asset: more was recognized than was billed."
    )
    with st.expander("By contract and period"):
        st.html(_contracts(contracts))
        if len(contracts) == data.settings().dashboards.rows_max:
            st.caption("Those that do not roll forward come first; `revtrace reconcile` has all.")


def _contracts(rows: Sequence[Row]) -> Markup:
    columns = [
        Column("Contract", _contract),
        Column("Period", lambda row: row["period"], "nowrap"),
        Column("Legal entity", lambda row: row["legal_entity"]),
        Column("Opening", lambda row: markup.amount(row, "opening"), "number"),
        Column("Billed", lambda row: markup.amount(row, "billed"), "number"),
        Column("Recognized", lambda row: markup.amount(row, "recognized"), "number"),
        Column("Closing", lambda row: markup.amount(row, "closing"), "number"),
        Column("Off by", _off, "number"),
    ]
    return markup.table(columns, rows, "Deferred revenue by contract and period")


def _off(row: Row) -> Markup:
    if not row["off"]:
        return Markup(formats.NO_VALUE)
    return markup.chip(formats.money(row["off"], row["currency"]), "failed")


# --- rows -------------------------------------------------------------------------------------


def _rows(chosen: Mapping[str, str], control: str, status: str, standing: Sequence[Row]) -> None:
    st.subheader(_SHOWS[status], anchor=False)
    total = _total(control, status, standing)
    if not total:
        page.empty("Nothing here", "Every comparison that these filters let through agrees.")
        return
    rows_max = data.settings().dashboards.rows_max
    pages_there = -(-total // rows_max)
    place = st.container()
    number = 1
    if pages_there > 1:
        number = st.pagination(pages_there, key="page", bind="query-params")
    asked = {**chosen, "control": control, "status": status}
    rows = data.reconciliation(asked, rows_max, (number - 1) * rows_max)
    with place:
        st.html(_table(rows))
    first = (number - 1) * rows_max
    st.caption(
        f"{first + 1:,} to {first + len(rows):,} of {formats.counted(total, 'comparison')}. "
        "The largest difference comes first: the one that is the most times its tolerance, so that "
        "no currency is converted; what may be on its way comes behind, then what is counted at "
        "another of its periods. A difference is what is "
        "compared less what it is compared against. Times are in UTC."
    )


def _total(control: str, status: str, standing: Sequence[Row]) -> int:
    own = [row for row in standing if control in ("", row["control"])]
    compared: int = sum(row["compared"] for row in own)
    broken: int = sum(row["broken"] + row["waiting"] + row["carried_on"] for row in own)
    return {"break": broken, "ok": compared - broken}.get(status, compared)


def _table(rows: Sequence[Row]) -> Markup:
    """What is compared is named at the head where all rows compare the same, else at each row."""
    sides = {(row["left_title"], row["right_title"]) for row in rows}
    named = len(sides) == 1
    left, right = map(_sentence, next(iter(sides))) if named else ("Compared", "Against")
    columns = [
        Column("What", lambda row: tag("b", row["title"])),
        Column("Contract", _contract, "nowrap"),
        Column("Period", _period, "nowrap"),
        Column(left, lambda row: _side(row, "left", named), "number"),
        Column(right, lambda row: _side(row, "right", named), "number"),
        Column("Difference", _difference, "number"),
        Column("What makes it", _why, "wide"),
    ]
    return markup.table(columns, rows, "Comparisons")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _side(row: Row, side: str, named: bool) -> Markup:
    money = markup.amount(row, side)
    return money if named else joined(money, tag("small", row[f"{side}_title"]))


def _contract(row: Row) -> Markup:
    if not row["contract"]:
        return Markup(formats.NO_VALUE)
    return markup.link("reconciliation", row["contract"], contract=row["contract"], status="all")


def _period(row: Row) -> Markup:
    return joined(row["period"], tag("small", row["legal_entity"]))


def _difference(row: Row) -> Markup:
    if row["status"] == "ok":
        return joined(markup.chip("agrees", "ok"), _small(row) if row["difference"] else "")
    early = bool(row["provisional"])
    until = _when(row["warn_at"]) if early else ""
    said, tone = "", "critical"
    if row["carried"]:
        said, tone = "goes on, counted in another period", "info"
    elif early:
        said = (
            f"failed, warned of from {until}"
            if row["failed"]
            else f"may be on its way until {until}"
        )
        tone = "warning"
    money = formats.money(row["difference"], row["currency"])
    return joined(markup.chip(money, tone), tag("small", said) if said else "")


def _when(at: datetime) -> str:
    return formats.instant(at, year=at.year != data.now().year)


def _small(row: Row) -> Markup:
    return tag("small", formats.money(row["difference"], row["currency"]))


def _why(row: Row) -> Markup:
    parts = row.get("explained_by", [])
    said = [_reason(part, row) for part in parts[:_REASONS]]
    more = parts[_REASONS:]
    if more:
        rest = sum((part["amount"] for part in more), Decimal(0))
        objects = formats.counted(len(more), "more object")
        said.append(tag("small", f"and {objects}, {formats.money(rest, row['currency'])}"))
    if row.get("unexplained"):
        rest = formats.money(row["unexplained"], row["currency"])
        said.append(tag("small", f"{rest} is in more objects than can be shown"))
    return joined(*said)


def _reason(part: Row, row: Row) -> Markup:
    money = formats.money(part["amount"], row["currency"])
    since = f"since {_when(part['since'])}" if part["since"] else ""
    return tag(
        "div",
        markup.object_link(part["object"]),
        f" {money} ",
        markup.chip(*_state(part)),
        tag("span", f" {since}", class_="rt-note"),
    )


def _state(part: Row) -> tuple[str, str]:
    """What is the matter with an object, in words, and the tone of it."""
    stage = part["stage"]
    waits = glossary.stage_waiting(stage) if stage else ""
    waits = waits[:1].lower() + waits[1:]
    return {
        "failed": (f"failed: {waits}", "failed"),
        "overdue": (f"overdue: {waits}", "overdue"),
        "pending": (f"on its way: {waits}", "info"),
        "differs": ("the amounts differ", "failed"),
        "unmatched": ("nothing on the other side", "failed"),
        "beyond": ("beyond the limit", "failed"),
        "no_path": ("nothing stands behind it", "failed"),
    }[part["state"]]
