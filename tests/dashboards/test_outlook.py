"""What is said of the close: its amounts are those of the reader, currencies apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboards import close_charts, formats, outlook, standing
from tests.dashboards.arrange import Sample
from tests.dashboards.test_pages import html, shown

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)


def closing(currency: str, at_risk: int, **more: Any) -> dict[str, Any]:
    names = ("through_amount", "open_amount", "unjudged", "coming_amount", "coming_at_risk")
    names += ("assumed_amount",)
    told: dict[str, Any] = dict.fromkeys(names, Decimal(0))
    told |= {"currency": currency, "period": "2026-09", "books_close": NOW + timedelta(days=2)}
    told |= {"amount": Decimal(8_100_000), "at_risk": Decimal(at_risk), "open_roots": 3}
    told |= {"at_risk_low": Decimal(380_000), "at_risk_high": Decimal(455_000), "hours_left": 48.0}
    return told | {"legal_entities": ["US01"]} | more


def plain(said: str) -> str:
    """Words alone, without the elements around them."""
    parts = said.replace(formats.GLUE, " ").split("<")
    return "".join([parts[0], *(part.partition(">")[2] for part in parts[1:])])


def test_one_currency_is_said_with_its_range_and_several_each_by_itself() -> None:
    assert plain(outlook.sentence([closing("USD", 412_000)])) == (
        "USD 412K of USD 8.10M will miss the close of 2026-09 at today’s pace "
        "(likely USD 380K to USD 455K)."
    )
    rows = [closing("EUR", 1_000), closing("GBP", 0), closing("USD", 412_000)]
    assert plain(outlook.sentence(rows)) == (
        "EUR 1,000 of EUR 8.10M; USD 412K of USD 8.10M "
        "will miss the close of 2026-09 at today’s pace."
    )
    whole = plain(outlook.sentence([closing("USD", 455_000)]))
    assert whole.endswith("(likely USD 380K or more).")
    # A guess says so where it is told.
    guess = closing("USD", 412_000, assumed_amount=Decimal(5), open_amount=Decimal(5))
    assert plain(outlook.sentence([guess])).endswith(
        "(likely USD 380K to USD 455K; no past close to judge by)."
    )
    both = [guess | {"open_amount": Decimal(9)}, closing("EUR", 1_000)]
    assert plain(outlook.sentence(both)).endswith(" (for part of it no past close to judge by).")
    assert "Nothing is expected to miss" in outlook.sentence([closing("USD", 0)])


def test_the_overview_speaks_of_the_next_close_alone() -> None:
    later = closing("USD", 99_000, period="2026-10", books_close=NOW + timedelta(days=30))
    said = plain(outlook.overview_line([closing("USD", 412_000), later], NOW))
    assert "USD 412K" in said
    assert "99" not in said
    assert outlook.overview_line([], NOW) == ""


def test_what_is_stuck_past_the_step_of_the_cutoff_does_not_hold_the_books_up() -> None:
    def said(left: int, stuck: int, stuck_in_all: int) -> str:
        at, none = NOW + timedelta(days=2), standing.Tally()
        closing = standing.Closing(at, [], replace(none, paths=left), replace(none, paths=stuck))
        return outlook.books(closing, stuck_in_all, NOW).replace(formats.GLUE, " ")

    nothing = (
        "Books close in 2 d. They wait for nothing more: every revenue event that belongs to them "
        "has passed the step that counts for the close."
    )
    assert said(0, 0, 0) == nothing
    assert said(0, 0, 2) == (
        f"{nothing} What is stuck is past that step, or not part of this close."
    )
    assert said(1, 1, 1) == (
        "Books close in 2 d, and they still wait for 1 revenue event, which is stuck."
    )
    assert said(7, 2, 3) == (
        "Books close in 2 d, and they still wait for 7 revenue events, 2 of them stuck. The other "
        "1 that is stuck does not hold them up: past the step that counts for this close, or not "
        "part of it."
    )


def test_working_hours_are_not_made_days_of_24() -> None:
    assert outlook.hours(29.2, "business") == f"29{formats.GLUE}working h"
    assert outlook.hours(0.5, "business") == f"30{formats.GLUE}working min"
    assert outlook.hours(29.0, "elapsed") == formats.duration(29 * 3600)
    assert outlook.hours(None, "elapsed") == "not at this rate"


def test_the_chart_draws_what_misses_of_what_is_open_with_its_range() -> None:
    amounts = {"backlog_amount": 100, "at_risk": 40, "at_risk_low": 25, "at_risk_high": 70}
    money = {name: Decimal(value) for name, value in amounts.items()}
    steps = [
        {"stage": "invoiced", "currency": "USD", "backlog": 4} | money,
        {"stage": "billed", "currency": "USD", "backlog": 2} | money,
        {"stage": "billed", "currency": "EUR", "backlog": 1} | money,
    ]
    figure = close_charts.at_risk(steps, ["EUR", "USD"])
    whole, missing = (bar for bar in figure.data if bar.type == "bar" and bar.xaxis == "x2")
    assert list(whole.x) == [100, 100]
    assert list(missing.x) == [40, 40]
    assert list(missing.error_x.array) == [30, 30]
    assert list(missing.error_x.arrayminus) == [15, 15]
    assert list(figure.layout.yaxis.categoryarray) == ["To be billed", "To be invoiced"]


def test_the_page_and_the_overview_say_what_the_reader_says(on_sample: Sample) -> None:
    reader, now = on_sample.app.reader, on_sample.files.now
    rows = reader.risk(now)["closings"]
    soon = outlook.of_period(rows, outlook.next_period(rows))
    said = html(shown("close"))
    assert outlook.sentence(soon) in said
    assert outlook.sentence(soon) in html(shown("overview"))
    for row in soon:
        assert formats.money(row["at_risk"], row["currency"]) in said
    aged = reader.aging(now, status="open", entity="US01")
    page = shown("close", entity="US01")
    assert not page.exception
    breaks = sum(row["findings"] for row in aged if row["kind"] == "sla_breach")
    assert f">{breaks:,}<" in html(page)
