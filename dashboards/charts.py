"""Figures: rows in, Plotly figure out. Pure; colours of meaning are here, the rest is themed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]  # Plotly ships no types.
from plotly.subplots import make_subplots  # type: ignore[import-untyped]

from dashboards import formats, glossary

Row = Mapping[str, Any]

# Told apart in light and dark and by colour-blind readers: red and amber differ in lightness too.
TONES = {
    "failed": "#c4314b",
    "overdue": "#e39a1f",
    "in_flight": "#4a8fd6",
    "complete": "#2c8a64",
    "quiet": "#8a96a3",
}
# What Streamlit passes on to Plotly: no tool bar, since these pictures are for reading.
CONFIG = {"displayModeBar": False, "scrollZoom": False}
_ROW_PIXELS = 34
# A page at 1280 pixels has room for this many currencies side by side.
_CURRENCIES_MAX = 3
# Streamlit writes the text of charts too faint to read at this size.
_INK = {"light": "#44515e", "dark": "#b9c4cf"}


def drawn_currencies(counts: Mapping[str, int]) -> list[str]:
    """The currencies that most of the rows are in, by name; more have no room side by side."""
    return sorted(sorted(counts, key=lambda name: (-counts[name], name))[:_CURRENCIES_MAX])


def inked(figure: go.Figure, dress: str) -> go.Figure:
    """Write the text of a figure in the ink of the light or the dark dress."""
    ink = {"color": _INK.get(dress, _INK["light"])}
    figure.update_xaxes(tickfont=ink, title_font=ink)
    figure.update_yaxes(tickfont=ink, title_font=ink)
    figure.update_annotations(font=ink)
    figure.update_traces(textfont=ink)
    figure.update_layout(legend_font=ink)
    return figure


def panels(currencies: Sequence[str]) -> go.Figure:
    """An empty panel a currency, side by side: their amounts cannot share an axis."""
    return make_subplots(
        rows=1,
        cols=len(currencies),
        shared_yaxes=True,
        horizontal_spacing=0.05,
        subplot_titles=list(currencies),
    )


def stages(
    amounts: Mapping[tuple[str, str], Mapping[str, Any]], currencies: Sequence[str]
) -> go.Figure:
    """Open money by step: a panel a currency, since their amounts cannot share an axis.

    `amounts` holds a Tally a state by (stage, currency); stages are drawn in the order of business.
    """
    drawn = {key: states for key, states in amounts.items() if key[1] in currencies}
    names = sorted({stage for stage, _ in drawn}, key=glossary.stage_place)
    figure = panels(currencies)
    for place, currency in enumerate(currencies, start=1):
        for state in glossary.OPEN_STATES:
            tallies = [drawn.get((stage, currency), {}).get(state) for stage in names]
            figure.add_trace(
                _stage_bar(names, tallies, state, currency, shown=place == 1), row=1, col=place
            )
        _label_totals(figure, names, drawn, currency, place)
    figure.update_layout(
        barmode="stack",
        bargap=0.35,
        height=110 + _ROW_PIXELS * max(len(names), 2),
        margin={"l": 10, "r": 10, "t": 58, "b": 10},
        legend={"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0},
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", automargin=True)
    figure.update_xaxes(showgrid=False, showticklabels=False, zeroline=False, fixedrange=True)
    return figure


def _stage_bar(
    names: Sequence[str], tallies: Sequence[Any], state: str, currency: str, *, shown: bool
) -> go.Bar:
    words = glossary.label(glossary.PATH_STATES, state)
    return go.Bar(
        name=words,
        legendgroup=state,
        showlegend=shown,
        orientation="h",
        y=[glossary.stage_waiting(name) for name in names],
        x=[float(tally.amounts.get(currency, 0)) if tally else 0.0 for tally in tallies],
        marker={"color": TONES[state], "line": {"width": 0}},
        customdata=[
            [
                formats.money(tally.amounts.get(currency, Decimal(0)), currency),
                formats.counted(tally.paths, "revenue event"),
            ]
            if tally
            else ["", ""]
            for tally in tallies
        ],
        hovertemplate=f"%{{y}}, {words}<br>%{{customdata[0]}}, %{{customdata[1]}}<extra></extra>",
    )


def _label_totals(
    figure: go.Figure,
    names: Sequence[str],
    drawn: Mapping[tuple[str, str], Mapping[str, Any]],
    currency: str,
    place: int,
) -> None:
    """Write each bar's total at its end, and leave room for it."""
    totals = [
        sum(
            (t.amounts.get(currency, Decimal(0)) for t in drawn.get((name, currency), {}).values()),
            Decimal(0),
        )
        for name in names
    ]
    figure.add_trace(
        go.Scatter(
            x=[float(total) for total in totals],
            y=[glossary.stage_waiting(name) for name in names],
            text=[f" {formats.number_short(total)}" if total else "" for total in totals],
            mode="text",
            textposition="middle right",
            showlegend=False,
            hoverinfo="skip",
            cliponaxis=False,
        ),
        row=1,
        col=place,
    )
    figure.update_xaxes(
        range=[0, float(max(totals, default=Decimal(0))) * 1.3 or 1], row=1, col=place
    )


def latency(rows: Sequence[Row], closings: Sequence[datetime]) -> go.Figure:
    """How long it took: the middle one of each day or week, and the slow ones; and books close."""
    unit_seconds, unit = _unit(rows)
    figure = go.Figure()
    for name, field, color, width in (
        ("9 of 10 took less than", "slow_seconds", TONES["overdue"], 2),
        ("Half took less than", "median_seconds", TONES["in_flight"], 3),
    ):
        figure.add_trace(
            go.Scatter(
                name=name,
                x=[row["bucket"] for row in rows],
                y=[row[field] / unit_seconds for row in rows],
                mode="lines+markers",
                line={"color": color, "width": width},
                marker={"size": 6},
                customdata=[
                    [formats.duration(row[field]), formats.counted(row["finished"], "done", "done")]
                    for row in rows
                ],
                hovertemplate=f"%{{x|%d %b %Y}}: {name.lower()} %{{customdata[0]}}"
                " (%{customdata[1]})<extra></extra>",
            )
        )
    for at in closings:
        figure.add_vline(x=at, line={"color": TONES["quiet"], "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=at, y=1, yref="paper", text="books close", showarrow=False, xanchor="right",
            yanchor="top", font={"size": 11},
        )  # fmt: skip
    figure.update_layout(
        height=300,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0},
        hovermode="closest",
    )
    figure.update_yaxes(rangemode="tozero", title={"text": unit}, nticks=5, fixedrange=True)
    figure.update_xaxes(showgrid=False, fixedrange=True, tickformat="%d %b")
    return figure


def _unit(rows: Sequence[Row]) -> tuple[int, str]:
    """The unit in which the longest of the durations is a handy number."""
    longest = max((row["slow_seconds"] for row in rows), default=0)
    for seconds, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if longest >= 2 * seconds:
            return seconds, unit
    return 1, "seconds"


AGES = ("0-1 day", "1-3 days", "3-7 days", "7-30 days", "over 30 days")


def aging(counts: Sequence[int], amounts: Mapping[str, Sequence[Decimal]]) -> go.Figure:
    """Findings by age: a panel for how many, then one for the money of each currency."""
    panels: list[tuple[str, Sequence[Any], list[str]]] = [
        ("Findings", counts, [formats.count(number) for number in counts])
    ]
    panels += [
        (currency, values, [formats.number_short(value) for value in values])
        for currency, values in amounts.items()
    ]
    figure = make_subplots(
        rows=1,
        cols=len(panels),
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[title for title, _, _ in panels],
    )
    for place, (title, values, labels) in enumerate(panels, start=1):
        money = place > 1
        figure.add_trace(
            go.Bar(
                orientation="h",
                y=list(AGES),
                x=[float(value) for value in values],
                text=[label if value else "" for label, value in zip(labels, values, strict=True)],
                textposition="outside",
                cliponaxis=False,
                marker={"color": TONES["overdue"] if money else TONES["quiet"]},
                customdata=[
                    [formats.money(value, title) if money else formats.counted(value, "finding")]
                    for value in values
                ],
                hovertemplate="%{y}: %{customdata[0]}<extra></extra>",
                showlegend=False,
            ),
            row=1,
            col=place,
        )
        most = max((float(value) for value in values), default=0)
        figure.update_xaxes(range=[0, most * 1.35 or 1], row=1, col=place)
    figure.update_layout(height=215, bargap=0.3, margin={"l": 10, "r": 10, "t": 30, "b": 6})
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, fixedrange=True)
    figure.update_xaxes(showgrid=False, showticklabels=False, zeroline=False, fixedrange=True)
    return figure


def rollforward(rows: Sequence[Row]) -> go.Figure:
    """Opening + billed - recognized = closing, as a waterfall: a panel a currency.

    What is missing to the closing that the ERP keeps is a bar of its own, between the two.
    """
    figure = make_subplots(
        rows=1,
        cols=len(rows),
        horizontal_spacing=0.06,
        subplot_titles=[row["currency"] for row in rows],
    )
    for place, row in enumerate(rows, start=1):
        off = row["closing"] - (row["opening"] + row["billed"] - row["recognized"])
        steps = [
            ("Opening", "absolute", row["opening"]),
            ("Billed", "relative", row["billed"]),
            ("Recognized", "relative", -row["recognized"]),
            *([("Not explained", "relative", off)] if off else []),
            ("Closing", "total", row["closing"]),
        ]
        figure.add_trace(_waterfall(steps, row["currency"]), row=1, col=place)
        figure.update_yaxes(range=_room(steps), row=1, col=place)
    figure.update_layout(height=300, margin={"l": 10, "r": 10, "t": 34, "b": 10}, showlegend=False)
    figure.update_xaxes(showgrid=False, fixedrange=True, ticks="")
    figure.update_yaxes(fixedrange=True, nticks=5, zeroline=True, tickformat="~s", automargin=True)
    return figure


def _room(steps: Sequence[tuple[str, str, Decimal]]) -> list[float]:
    """From the lowest to the highest that the bars reach, with room for what is written on them."""
    levels, level = [Decimal(0)], Decimal(0)
    for _, measure, amount in steps:
        level = level + amount if measure == "relative" else amount
        levels.append(level)
    low, high = float(min(levels)), float(max(levels))
    room = (high - low) * 0.14 or 1.0
    return [low - room, high + room]


def _waterfall(steps: Sequence[tuple[str, str, Decimal]], currency: str) -> go.Waterfall:
    return go.Waterfall(
        x=[name for name, _, _ in steps],
        measure=[measure for _, measure, _ in steps],
        y=[float(amount) for _, _, amount in steps],
        text=[formats.number_short(amount) for _, _, amount in steps],
        textposition="outside",
        cliponaxis=False,
        customdata=[[formats.money(amount, currency)] for _, _, amount in steps],
        hovertemplate="%{x}: %{customdata[0]}<extra></extra>",
        increasing={"marker": {"color": TONES["in_flight"]}},
        decreasing={"marker": {"color": TONES["complete"]}},
        totals={"marker": {"color": TONES["quiet"]}},
        connector={"line": {"color": TONES["quiet"], "width": 1, "dash": "dot"}},
    )
