"""Figures from rows: what is drawn is what was given, money of one currency an axis."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboards import charts, lanes
from dashboards.standing import Tally

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def tally(currency: str, amount: int) -> Tally:
    return Tally(paths=2, amounts={currency: Decimal(amount)})


def test_stages_have_a_panel_a_currency_and_stand_in_the_order_of_business() -> None:
    amounts = {
        ("posted", "USD"): {"overdue": tally("USD", 10)},
        ("billed", "USD"): {"failed": tally("USD", 20), "in_flight": tally("USD", 5)},
        ("billed", "EUR"): {"failed": tally("EUR", 7)},
    }
    figure = charts.stages(amounts, ["EUR", "USD"])
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert {(bar.name, bar.xaxis): list(bar.x) for bar in bars} == {
        ("Failed", "x"): [7, 0],
        ("Overdue", "x"): [0, 0],
        ("In flight, on time", "x"): [0, 0],
        ("Failed", "x2"): [20, 0],
        ("Overdue", "x2"): [0, 10],
        ("In flight, on time", "x2"): [5, 0],
    }
    assert list(bars[0].y) == ["To be billed", "To be posted to the ledger"]
    assert [note.text for note in figure.layout.annotations] == ["EUR", "USD"]


def test_every_state_is_once_in_the_legend() -> None:
    amounts = {("billed", name): {"failed": tally(name, 1)} for name in ("EUR", "GBP", "USD")}
    named = [trace.name for trace in charts.stages(amounts, ["EUR", "GBP", "USD"]).data
             if trace.showlegend]  # fmt: skip
    assert named == ["Failed", "Overdue", "In flight, on time"]


def test_most_used_currencies_are_drawn_by_name() -> None:
    counts = {"USD": 5, "CHF": 1, "EUR": 4, "GBP": 3, "": 2}
    assert charts.drawn_currencies(counts) == ["EUR", "GBP", "USD"]


def latency_row(days: int, median: float, slow: float) -> dict[str, Any]:
    bucket = AT + timedelta(days=days)
    return {"bucket": bucket, "finished": 3, "median_seconds": median, "slow_seconds": slow}


def test_latency_is_drawn_in_a_handy_unit() -> None:
    figure = charts.latency([latency_row(0, 3600, 9000), latency_row(7, 7200, 14400)], [AT])
    slow, median = figure.data
    assert list(median.y) == [1, 2]
    assert list(slow.y) == [2.5, 4]
    assert figure.layout.yaxis.title.text == "hours"
    assert figure.layout.annotations[0].text == "books close"
    assert charts.latency([latency_row(0, 1, 30)], []).layout.yaxis.title.text == "seconds"
    assert charts.latency([], []).layout.yaxis.title.text == "seconds"


def test_aging_counts_and_sums_apart() -> None:
    values = [Decimal(number) for number in (0, 0, 5, 0, 7)]
    figure = charts.aging([1, 0, 2, 0, 3], {"USD": values})
    counts, dollars = figure.data
    assert list(counts.x) == [1, 0, 2, 0, 3]
    assert list(dollars.x) == [0, 0, 5, 0, 7]
    assert tuple(counts.y) == charts.AGES


def test_ink_follows_the_dress() -> None:
    dark = charts.inked(charts.aging([1, 0, 0, 0, 0], {}), "dark")
    light = charts.inked(charts.aging([1, 0, 0, 0, 0], {}), "light")
    assert dark.data[0].textfont.color != light.data[0].textfont.color


def step(hour: float, source: str, role: str, action: str, **fields: Any) -> dict[str, Any]:
    at = AT + timedelta(hours=hour)
    plain = {
        "occurred_at": at,
        "until": at,
        "source": source,
        "role": role,
        "object_type": "time_entry",
        "object": "time_entry/TE-1",
        "action": action,
        "outcome": "ok",
        "events": 1,
        "objects": 1,
        "amount": None,
        "currency": "",
        "error": "",
    }
    return plain | fields


STEPS = [
    step(0, "psa", "psa", "approved", amount=Decimal("1200"), currency="USD"),
    step(20, "mulesoft", "middleware", "mapped"),
    step(21, "netsuite-us", "erp", "posted", outcome="failed", error="No <b>rate</b>"),
    step(21.5, "psa", "psa", "reopened"),
]


def test_lanes_are_systems_in_the_order_of_business() -> None:
    figure = lanes.lanes([STEPS[2], STEPS[1], STEPS[0]])
    assert [text.split("<br>")[0] for text in figure.layout.yaxis.ticktext] == [
        *("<b>PSA</b>", "<b>MuleSoft</b>", "<b>NetSuite US</b>")
    ]


def test_steps_say_what_happened_with_how_much_and_how_long_it_waited() -> None:
    figure = lanes.lanes(STEPS)
    ok = next(trace for trace in figure.data if trace.name == "OK")
    assert list(ok.x) == [0, 1, 3]
    assert list(ok.y) == [0, 1, 0]
    assert ok.text[0].replace("\u00a0", " ") == "<b>Approved</b><br>USD 1,200.00"
    waits = [note.text.replace("\u00a0", " ") for note in figure.layout.annotations]
    assert waits == ["+20 h", "+1 h", "+30 min"]


def test_the_year_stands_where_a_path_begins_and_where_another_year_does() -> None:
    figure = lanes.lanes([*STEPS[:2], step(24 * 365, "netsuite-us", "erp", "posted")])
    days = [text.split("<br>")[0].split() for text in figure.layout.xaxis.ticktext]
    assert [len(day) for day in days] == [3, 2, 3]
    assert int(days[2][2]) == int(days[0][2]) + 1


def test_other_peoples_text_is_no_markup_in_a_picture() -> None:
    failed = next(trace for trace in lanes.lanes(STEPS).data if trace.name == "Failed")
    assert failed.customdata[0][0].endswith("Failed: No &lt;b&gt;rate&lt;/b&gt;")


def event(minute: int, **fields: Any) -> dict[str, Any]:
    plain = {
        "occurred_at": AT + timedelta(minutes=minute),
        "source": "netsuite-us",
        "role": "erp",
        "object_type": "journal_posting",
        "object": f"journal_posting/JE-{minute}",
        "action": "posted",
        "outcome": "ok",
        "amount": Decimal(10),
        "currency": "USD",
        "error_code": "",
        "error_message": "",
    }
    return plain | fields


def test_alike_events_of_an_hour_are_one_step() -> None:
    one, failed, later = lanes.steps_of(
        [event(0), event(5), event(20, outcome="failed"), event(61)]
    )
    assert (one["events"], one["objects"], one["amount"]) == (2, 2, Decimal(20))
    assert one["until"] - one["occurred_at"] == timedelta(minutes=5)
    assert (failed["outcome"], later["events"]) == ("failed", 1)


def test_steps_of_several_currencies_show_no_sum() -> None:
    (step_of_two,) = lanes.steps_of([event(0), event(1, currency="EUR")])
    assert lanes.step_money(step_of_two) == ""
    (without,) = lanes.steps_of([event(0, amount=None, currency="")])
    assert lanes.step_money(without) == ""


def test_many_steps_are_drawn_without_labels() -> None:
    figure = lanes.lanes([step(hour, "psa", "psa", "updated") for hour in range(40)])
    assert {trace.mode for trace in figure.data} == {"lines", "markers"}
    assert len(figure.layout.xaxis.tickvals) <= 20
