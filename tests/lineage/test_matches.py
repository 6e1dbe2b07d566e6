"""Match rules: wrong files are refused where they are wrong, and links are inferred one to one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import ConfigInvalid
from core.store import Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.match import Match, load_matches
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel
from revtrace.document import plain
from revtrace.render import trace
from tests.lineage.arrange import BOUNDS, bench, everything
from tests.lineage.story import HUNDRED, NOW, SOURCES, Event, approved, billed, money, said

GOOD = """
name = "postings"
up = "invoice"
down = "journal_posting"
same = ["contract"]
within = "2d"
"""
RULE = Match(
    name="invoices",
    up="billing_event",
    down="invoice",
    same=("contract", "project"),
    within=timedelta(hours=100),
    similar=("id",),
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD + "withn = 3", "key 'withn'.*unknown key"),
        (GOOD.replace('"2d"', '"2 days"'), "key 'within'.*no duration"),
        (GOOD.replace('within = "2d"', ""), "key 'within'.*missing"),
        (GOOD.replace('["contract"]', '["amount"]'), "key 'same'.*'amount' is unknown"),
        (GOOD.replace('["contract"]', "[]"), "key 'same'.*empty"),
        (GOOD.replace('"invoice"', '"journal_posting"'), "key 'down'.*matched with"),
        (GOOD + "score_min = 101", "key 'score_min'.*outside"),
        (GOOD + 'similar = ["a", "b", "c", "d", "e", "f"]', "key 'similar'.*more than 5"),
        ("name = 3", "key 'name'.*not a string"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigInvalid, match=f"(?s)mine.toml.*{why}"):
        load_matches(tmp_path)


def test_the_shipped_rule_is_off_until_a_file_of_its_name_switches_it_on(tmp_path: Path) -> None:
    shipped = load_matches()
    assert [match.enabled for match in shipped.values()] == [False]
    (tmp_path / "mine.toml").write_text(GOOD)
    assert set(load_matches(tmp_path)) == {*shipped, "postings"}
    (tmp_path / "other.toml").write_text(GOOD.replace("postings", "others"))
    with pytest.raises(ConfigInvalid, match="journal_posting.*the rule 'postings' as well"):
        load_matches(tmp_path)


def silent(name: str, hours: float, **more: str) -> Event:
    """An invoice that does not say what it was made from."""
    return said(f"invoice/{name}", "posted", hours, **{**money(HUNDRED), **more})


def upstream(store: Store) -> dict[str, str]:
    """What every invoice was made from, and how that is known."""
    return {
        row["object"].split("/")[1]: f"{row['upstream'].split('/')[1]} {row['grade']}"
        for row in everything(store)["links"]
        if row["object"].startswith("invoice/")
    }


def test_links_are_inferred_one_to_one_where_nothing_else_is_and_go_with_a_better(
    store: Store,
) -> None:
    made = bench(
        store,
        FixedClock(NOW),
        load_processes(),
        load_calendars(),
        SOURCES,
        matches={RULE.name: RULE, "off": replace(RULE, name="off", enabled=False)},
    )
    made.admit(
        [
            *(event for name in "12" for event in [approved(name), *billed(name, 1, [name])]),
            # As near to either, but BE-1 is more like it; what is left goes to the other.
            silent("BE-10", 4),
            silent("X-9", 5),
            # None of these fits: another contract, amount, currency; too early, too late.
            silent("N1", 4, contract="C-2"),
            said("invoice/N2", "posted", 4, **money("99.99")),
            said("invoice/N3", "posted", 4, **money(HUNDRED, "EUR")),
            silent("N4", 0.5),
            silent("N5", 200),
        ]
    )
    made.wheel.run_until_idle()
    assert upstream(store) == {"BE-10": "BE-1 inferred", "X-9": "BE-2 inferred"}
    path = Reader(store).trace("time_entry/TE-1", NOW)
    assert path["weakest_grade"] == "inferred"
    rule = next(link["rule"] for link in path["links"] if link["grade"] == "inferred")
    assert rule == (
        "match invoices, score 88 of 100: same contract, project, amount and currency; "
        "180 min later; id 80 alike"
    )
    told = {(link["from"], link["to"]): link["grade"] for link in path["links"]}
    every = {(row["upstream"], row["object"]): row["grade"] for row in everything(store)["links"]}
    assert told == {ends: every[ends] for ends in told}
    assert set(told.values()) == {"asserted", "inferred"}
    console = Console(width=200)
    with console.capture() as shown:
        trace.render(plain(path), console)
    assert f"invoice/BE-10 is inferred from billing_event/BE-1: {rule}" in shown.get()
    # Switched off, the rule holds until a rebuild applies that.
    off = Declarations(load_processes(), load_calendars(), load_failures(), matches={})
    made.admit([said("invoice/BE-10", "viewed", 5.5)])
    Wheel(store, BOUNDS, FixedClock(NOW), off).run_until_idle()
    assert upstream(store) == {"BE-10": "BE-1 inferred", "X-9": "BE-2 inferred"}
    # The other invoice says that it was made from BE-1: the guess for both gives way.
    made.admit([said("invoice/X-9", "sent", 6, made_from=["billing_event/BE-1"])])
    made.wheel.run_until_idle()
    assert upstream(store) == {"BE-10": "BE-2 inferred", "X-9": "BE-1 asserted"}
    # And nothing is left to guess for the first.
    made.admit([said("invoice/Z", "posted", 7, made_from=["billing_event/BE-2"], **money("7"))])
    made.wheel.run_until_idle()
    assert upstream(store) == {"X-9": "BE-1 asserted", "Z": "BE-2 asserted"}
    before = everything(store)
    made.wheel.rebuild()
    assert everything(store) == before
