"""Overview: will we close clean, how much money is stuck, and where."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from core.store import SqlFolder
from dashboards import charts, data, formats, glossary, markup, outlook, page, standing
from dashboards.markup import Card, Column, Markup, joined, tag

TITLE = "Overview"
ICON = ":material/dashboard:"
PLACE = 1

SQL = SqlFolder(__file__, "overview")
Row = Mapping[str, Any]

_STUCK_EACH = 4
_WEEKS, _DAYS = 14, 30
_HURRY = "events pour in"


def render() -> None:
    """Show the page, and show it anew by itself while it is open: often while events pour in."""
    bounds = data.settings().dashboards
    hurry = st.session_state.get(_HURRY, False)
    every = bounds.cache_seconds if hurry else bounds.refresh_seconds
    # A fragment catches what happens in it, so what is said about trouble is said inside it.
    st.fragment(lambda: page.show(_content), run_every=every)()


def _keep_pace(fresh: Row) -> None:
    """Set the pace anew when the first events come in, and when the last of them are traced."""
    hurry = not fresh["events"] or fresh["waiting"] > 0
    if hurry != st.session_state.get(_HURRY, False):
        st.session_state[_HURRY] = hurry
        st.rerun()


def _content() -> None:
    found = data.load({"fresh": page.FRESHNESS, "standing": data.Query(SQL["standing"])})
    fresh, rows = found["fresh"][0], found["standing"]
    _keep_pace(fresh)
    page.head("Will revenue close clean?", fresh)
    if not rows:
        page.no_revenue_events(fresh)
        return
    entity, process = _filters(rows)
    chosen = [
        row
        for row in rows
        if entity in ("", row["legal_entity"]) and process in ("", row["process"])
    ]
    if not chosen:
        page.empty("No such revenue events", "No revenue event matches the filters above.")
        return
    now = data.now()
    st.html(_answer(chosen, now))
    risk_place = st.container()
    st.html(_cards(chosen, now))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _steps(chosen)
    with right:
        st.subheader("Open money by legal entity", anchor=False)
        st.html(_entities(chosen, now))
    params = {"entity": entity, "process": process}
    _lower_half(params, chosen, now)
    # What takes longest comes last, so that nothing waits for it.
    line = outlook.overview_line(data.risk(params)["closings"], now)
    # Streamlit refuses an empty text; nothing is said when no books close lies ahead.
    if line:
        risk_place.html(line)


def _filters(rows: Sequence[Row]) -> tuple[str, str]:
    entities = sorted({row["legal_entity"] for row in rows if row["legal_entity"]})
    processes = sorted({row["process"] for row in rows})
    first, second, _ = st.columns([1, 1, 3])
    with first:
        entity = page.choice("Legal entity", "entity", entities, glossary.entity)
    with second:
        words = glossary.of(glossary.PROCESSES, "All kinds")
        process = page.choice("Kind of revenue", "process", processes, words)
    return entity, process


def _answer(rows: Sequence[Row], now: datetime) -> Markup:
    """The one sentence that the page is opened for."""
    closing = standing.next_closing(rows, now)
    stuck = standing.tally(rows, lambda row: row["state"] in glossary.STUCK_STATES)
    if not stuck.paths:
        said = joined(
            tag("b", "Nothing is stuck."), " Every open revenue event is within its time limits."
        )
    else:
        said = joined(
            tag("b", f"{formats.counted(stuck.paths, 'revenue event')} {_are(stuck.paths)} stuck"),
            ", with ",
            _amounts(stuck),
            ": ",
            markup.link("findings", "see what to do about each"),
            ".",
        )
    return tag(
        "p", said, tag("small", outlook.books(closing, stuck.paths, now)), class_="rt-answer"
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _amounts(total: standing.Tally) -> Markup:
    lines = markup.currency_lines(total.amounts)
    if not lines:
        return Markup("no amount")
    if len(lines) == 1:
        return lines[0]
    return joined(*(joined(line, ", ") for line in lines[:-2]), lines[-2], " and ", lines[-1])


def _cards(rows: Sequence[Row], now: datetime) -> Markup:
    states = standing.by_state(rows)
    soon = standing.due_soon(rows)
    shown = [_closing_card(rows, now)]
    for state in ("failed", "overdue", "in_flight", "complete"):
        word, total = glossary.PATH_STATES[state], states.get(state, standing.Tally())
        lines = markup.currency_lines(total.amounts)
        if total.without_amount:
            lines.append(tag("span", f"{formats.count(total.without_amount)} without an amount"))
        if state == "in_flight" and soon.paths:
            due = f"{formats.count(soon.paths)} due within a day"
            lines.append(tag("span", due, title=", ".join(map(str, _plain_amounts(soon)))))
        shown.append(
            Card(
                word.label,
                formats.count(total.paths),
                lines,
                tone=state if total.paths else "",
                hint=word.meaning,
            )
        )
    return markup.cards(shown)


def _plain_amounts(total: standing.Tally) -> list[str]:
    return [formats.money(value, currency) for currency, value in sorted(total.amounts.items())]


def _closing_card(rows: Sequence[Row], now: datetime) -> Card:
    closing, missed = standing.next_closing(rows, now), standing.missed_closings(rows, now)
    late = (
        [tag("span", f"{formats.counted(missed.paths, 'revenue event')} missed an earlier close")]
        if missed.paths
        else []
    )
    if closing is None:
        return Card("Books close", formats.NO_VALUE, ["no close ahead", *late])
    lines = [
        f"{formats.instant(closing.at, year=False)} UTC",
        ", ".join(closing.entities) or "no legal entity named",
        *late,
    ]
    left = formats.duration((closing.at - now).total_seconds())
    return Card(
        "Books close in", left, lines, tone="overdue" if closing.stuck.paths else "in_flight"
    )


def _steps(rows: Sequence[Row]) -> None:
    st.subheader("Open money by what it waits for", anchor=False)
    groups = standing.grouped((row for row in rows if row["next_stage"]), "next_stage", "currency")
    amounts = {
        (stage, currency): states for (stage, currency), states in groups.items() if currency
    }
    if not amounts:
        page.empty("Nothing is open", "Every revenue event with an amount is complete.")
        return
    counts: dict[str, int] = {}
    for (_, currency), states in amounts.items():
        counts[currency] = counts.get(currency, 0) + sum(t.paths for t in states.values())
    drawn = charts.drawn_currencies(counts)
    page.chart(charts.stages(amounts, drawn), "steps", "Open money by the step it waits for")
    rest = sorted(set(counts) - set(drawn))
    if rest:
        st.caption(f"Not drawn, since their revenue events are fewer: {', '.join(rest)}.")


def _entities(rows: Sequence[Row], now: datetime) -> Markup:
    groups = standing.grouped(rows, "legal_entity", "currency")
    closings = {
        entity: standing.next_closing((r for r in rows if r["legal_entity"] == entity), now)
        for entity, _ in groups
    }
    shown = [
        {"entity": entity, "currency": currency, "states": states, "closing": closings[entity]}
        for (entity, currency), states in sorted(groups.items())
    ]
    if not shown:
        return tag("p", "Nothing is open.", class_="rt-note")
    columns = [
        Column("Legal entity", lambda row: row["entity"] or "none named", "nowrap"),
        Column("Open", _open_cell, "number"),
        Column("Stuck", _stuck_cell, "number"),
        Column("Share that is stuck", _share_cell, "wide"),
        Column(
            "Close in",
            lambda row: (
                formats.duration((row["closing"].at - now).total_seconds())
                if row["closing"]
                else formats.NO_VALUE
            ),
            "nowrap",
        ),
    ]
    parts = [(state, glossary.label(glossary.PATH_STATES, state)) for state in glossary.OPEN_STATES]
    return joined(
        markup.table(columns, shown, "Open money by legal entity and currency"),
        markup.legend(parts),
    )


def _sum(row: Row, states: Sequence[str]) -> standing.Tally:
    total = standing.Tally()
    for state in states:
        part = row["states"].get(state)
        if part:
            total.paths += part.paths
            for currency, value in part.amounts.items():
                total.amounts[currency] = total.amounts.get(currency, 0) + value
    return total


def _open_cell(row: Row) -> Markup:
    return _tally_cell(_sum(row, glossary.OPEN_STATES), row["currency"])


def _stuck_cell(row: Row) -> Markup:
    total = _sum(row, glossary.STUCK_STATES)
    return _tally_cell(total, row["currency"]) if total.paths else Markup(formats.NO_VALUE)


def _tally_cell(total: standing.Tally, currency: str) -> Markup:
    value = total.amounts.get(currency)
    return joined(
        tag(
            "span",
            formats.money_short(value, currency),
            class_="rt-money",
            title=formats.money(value, currency),
        ),
        tag("small", formats.counted(total.paths, "event")),
    )


def _share_cell(row: Row) -> Markup:
    """Shares of the entity's own money: shares may stand beside each other, amounts may not."""
    whole = _sum(row, glossary.OPEN_STATES).amounts.get(row["currency"])
    if not whole or whole < 0:
        return Markup(formats.NO_VALUE)
    parts = []
    for state in glossary.OPEN_STATES:
        value = _sum(row, (state,)).amounts.get(row["currency"])
        if value and value > 0:
            said = f"{glossary.label(glossary.PATH_STATES, state)}: {formats.percent(value, whole)}"
            width = f"width:{float(value / whole) * 100:.2f}%"
            parts.append(tag("span", class_=f"rt-{state}", style=width, title=said))
    return tag("div", *parts, class_="rt-bar")


def _lower_half(params: Mapping[str, str], rows: Sequence[Row], now: datetime) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("How long it takes", anchor=False)
        hop_place, by_place = st.columns([3, 1], vertical_alignment="bottom")
        with by_place:
            by = st.segmented_control(
                "By", ["week", "day"], default="week", key="by", bind="query-params", required=True
            )
    since = now - (timedelta(days=_DAYS) if by == "day" else timedelta(weeks=_WEEKS))
    asked = {**params, "by": by or "week", "since": since}
    found = data.load(
        {
            "stages": data.Query(SQL["latency_stages"], asked),
            "paths": data.Query(SQL["latency_paths"], asked),
            "stuck": data.Query(SQL["stuck"], {**params, "each": _STUCK_EACH}),
            "sources": data.Query(SQL["sources"]),
        }
    )
    with left:
        _latency(found, hop_place, rows, since, now)
    with right:
        st.subheader("The last event of each system", anchor=False)
        st.html(_sources(found["sources"], now))
    st.subheader("The largest amounts that are stuck", anchor=False)
    if found["stuck"]:
        st.html(_stuck(found["stuck"], now))
    else:
        st.html(tag("p", "Nothing is stuck.", class_="rt-note"))


def _latency(
    found: Mapping[str, list[dict[str, Any]]],
    place: Any,
    rows: Sequence[Row],
    since: datetime,
    now: datetime,
) -> None:
    hops = sorted({row["hop"] for row in found["stages"]}, key=glossary.stage_place)
    with place:
        hop = page.choice(
            "Way",
            "hop",
            hops,
            lambda name: f"The step “{glossary.stage_done(name)}”" if name else "The whole way",
        )
    shown = found["paths"] if not hop else [row for row in found["stages"] if row["hop"] == hop]
    if not shown:
        page.empty("Nothing was finished lately", "The trend starts with the first one that is.")
        return
    closings = sorted(
        {row["cutoff_at"] for row in rows if row["cutoff_at"] and since <= row["cutoff_at"] <= now}
    )
    page.chart(charts.latency(shown, closings), "latency", "How long it took, over time")
    done = sum(row["finished"] for row in shown)
    what = "revenue event" if not hop else "step"
    st.caption(
        f"Of {formats.counted(done, what)} finished since {formats.instant(since)} UTC; "
        "exact quantiles."
    )


def _sources(rows: Sequence[Row], now: datetime) -> Markup:
    if not rows:
        return tag("p", "No system has sent anything yet.", class_="rt-note")
    columns = [
        Column(
            "System",
            lambda row: joined(
                glossary.system(row["source"]),
                tag("small", glossary.label(glossary.ROLES, row["source_role"])),
            ),
        ),
        Column("Last event", lambda row: markup.moment(row["last_at"], now), "nowrap"),
        Column("Last arrival", lambda row: markup.moment(row["arrived_at"], now), "nowrap"),
        Column("", lambda row: _source_chip(row, now), "nowrap"),
        Column("Events", lambda row: formats.count(row["events"]), "number"),
    ]
    return markup.table(
        columns, rows, "Systems, when their last event occurred and when one last arrived"
    )


def _source_chip(row: Row, now: datetime) -> Markup:
    quiet = (now - row["last_at"]).total_seconds()
    if not row["expected"]:
        return Markup("")
    if quiet > row["expected"]:
        late = formats.duration(quiet - row["expected"])
        return markup.chip("Silent", "failed", f"Expected to be heard {late} ago")
    return markup.chip("Fresh", "complete", f"Expected every {formats.duration(row['expected'])}")


def _stuck(rows: Sequence[Row], now: datetime) -> Markup:
    columns = [
        Column("State", lambda row: markup.path_chip(row["state"])),
        Column("Revenue event", lambda row: markup.object_link(row["root"]), "nowrap"),
        Column("Amount", markup.amount, "number"),
        Column("What it waits for", lambda row: glossary.stage_waiting(row["next_stage"])),
        Column("Due", lambda row: _due(row, now), "nowrap"),
        Column("Customer", lambda row: joined(row["customer"], tag("small", row["contract"]))),
        Column("Legal entity", lambda row: row["legal_entity"]),
        Column("Last moved", lambda row: markup.moment(row["last_event_at"], now), "nowrap"),
    ]
    return markup.table(columns, rows, "The largest amounts that are stuck, by currency")


def _due(row: Row, now: datetime) -> Markup:
    if row["due_at"] is None:
        return Markup(formats.NO_VALUE)
    due = row["due_at"]
    near = formats.near(due, now)
    return joined(markup.moment(due, now), tag("small", formats.ago(due, now)) if near else "")
