"""HTML of the pages: everything that comes from outside is escaped."""

from decimal import Decimal

from dashboards import formats, markup
from dashboards.markup import Card, Column, Markup, joined, tag

EVIL = "<script>alert('x')</script>\" onmouseover=\"y"


def test_text_and_attributes_are_escaped() -> None:
    made = tag("a", EVIL, href=EVIL, title=EVIL)
    assert "<script" not in made
    assert made.count('=&quot;y"') == 2


def test_markup_is_not_escaped_twice() -> None:
    assert tag("p", tag("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert joined("<", Markup("<br>")) == "&lt;<br>"


def test_a_format_string_around_markup_is_text_again() -> None:
    """Markup is safe only as it was made: what is built around it is escaped like any text."""
    assert "&lt;b&gt;" in tag("p", f"so {tag('b', 'x')}")


def test_links_keep_any_id() -> None:
    link = markup.object_link("invoice/A&B #1/ü?")
    assert 'href="./path?key=invoice%2FA%26B+%231%2F%C3%BC%3F"' in link
    assert markup.object_link("") == ""
    assert markup.object_link("control/billing_posted/C-1/USD/2026-09/US01") == (
        '<a href="./reconciliation?control=billing_posted&amp;contract=C-1&amp;'
        'entity=US01&amp;status=all">C-1, 2026-09, USD</a>'
    )
    # A system has no path.
    assert "href" not in markup.object_link("source/psa")


def test_tables_have_a_caption_and_headings() -> None:
    made = markup.table(
        [Column("Who", lambda row: row["who"], "nowrap")], [{"who": EVIL}], "People"
    )
    assert "<caption>People</caption>" in made
    assert '<th class="nowrap" scope="col">Who</th>' in made
    assert "<script" not in made


def test_cards_show_their_tone_and_lines() -> None:
    made = markup.cards([Card("Failed", "3", ["USD 1", "EUR 2"], tone="failed", hint="Refused")])
    assert "rt-edge-failed" in made
    assert made.count("rt-card-line") == 2
    assert 'title="Refused"' in made


def test_currencies_stand_on_lines_of_their_own() -> None:
    amounts = {"USD": Decimal(1), "EUR": Decimal(2), "": Decimal(3), "GBP": Decimal(0)}
    lines = markup.currency_lines(amounts)
    assert [formats.money_short(Decimal(2), "EUR") in lines[0], len(lines)] == [True, 2]
    many = {f"C{number}": Decimal(number) for number in range(1, 8)}
    assert "and 3 more currencies" in markup.currency_lines(many)[-1]


def test_facts_leave_out_what_is_empty() -> None:
    made = markup.facts({"Customer": "ACME", "Project": ""})
    assert "ACME" in made
    assert "Project" not in made
