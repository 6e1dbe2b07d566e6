"""The fingerprint of an unknown error: the same whatever numbers, ids, dates, uuids and quoted
values it names, another where it says something else.
"""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store import SqlFolder, Store
from lineage.detector import DETECTOR_SQL

SQL = SqlFolder(__file__)
WORDS = st.text("bcdfghklpqrstvwxz", min_size=2, max_size=9)
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.decimals(0, 10**9, places=2).map(lambda number: f"{number:,}"),
    st.integers(0, 2**64).map(hex),
)
DAYS = st.dates()
DATES = st.one_of(
    DAYS.map(str),
    DAYS.map(lambda day: day.strftime("%d.%m.%Y")),
    DAYS.map(lambda day: day.strftime("%d %b %Y")),
    DAYS.map(lambda day: day.strftime("%B %d, %Y")),
    st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
    st.datetimes().map(lambda at: at.strftime("%m/%d/%Y %I:%M %p")),
)
IDS = st.from_regex(r"[A-Z]{2,4}-([A-Z]{2}[0-9]{2}-)?[0-9]{3,8}", fullmatch=True)
INSIDE = st.text("abcXYZ 0189-&.é日", max_size=20)
QUOTED = st.one_of(
    INSIDE.map(lambda text: f"'{text}'"),
    INSIDE.map(lambda text: f'"{text}"'),
    INSIDE.map(lambda text: f"“{text}”"),
    st.just("'O'Brien & Sons'"),
)
URLS = IDS.map(lambda name: f"https://erp.example.com/api/{name}?id=7")
VALUES = st.one_of(NUMBERS, DATES, IDS, QUOTED, URLS, st.uuids().map(str))
EXAMPLES = [
    ("Record 'O'Brien & Co' isn't active", "Record 'Ltd' isn't active", True),
    ("customer's record isn't there", "customer's ledger isn't there", False),
    ("Field decimal 5 is wrong", "Field March 5 is wrong", False),
    ("timed out after 120000 ms", "timed out after 30 ms", True),
    ("Zeitüberschreitung bei Auftrag 7", "Zeitüberschreitung bei Auftrag 8", True),
    ("Auftrag gesperrt", "Auftrag geprüft", False),
    ("class CustPostInvoiceJob_17", "class CustPostInvoiceJob_18", True),
    ("due Sep 30, 2026 4:15 PM", "due 2026-09-30", True),
    ("", "17", False),
]
Printed = Callable[[Iterable[tuple[str, str]]], list[str]]


@pytest.fixture
def printed(store: Store) -> Printed:
    """The fingerprints of errors, made by the engine."""
    return printed_by(store)


def printed_by(store: Store) -> Printed:
    text = SQL.raw("fingerprints")
    text = text.replace("{{shape}}", DETECTOR_SQL["failure_shape"])
    text = text.replace("{{fingerprint}}", DETECTOR_SQL["failure_fingerprint"])

    def make(errors: Iterable[tuple[str, str]]) -> list[str]:
        codes, messages = zip(*errors, strict=True)
        rows = store.rows(text, {"codes": list(codes), "messages": list(messages)})
        return [str(row["fingerprint"]) for row in rows]

    return make


def test_values_do_not_matter(printed: Printed) -> None:
    @given(SENTENCES, SENTENCES, st.lists(VALUES, min_size=2, max_size=8), st.booleans())
    def holds(before: str, after: str, values: list[str], at_end: bool) -> None:
        tail = "" if at_end else f" {after}"
        told = printed(("E1", f"{before} {value}{tail}") for value in values)
        assert len(set(told)) == 1

    holds()


def test_the_length_of_a_list_does_not_matter(printed: Printed) -> None:
    @given(SENTENCES, st.lists(IDS, min_size=2, max_size=6))
    def holds(words: str, values: list[str]) -> None:
        lists = [values[:1], values[:2], values]
        told = printed(("", f"{words}: {', '.join(each)} {words}") for each in lists)
        assert len(set(told)) == 1

    holds()


def test_words_and_code_matter(printed: Printed) -> None:
    @given(st.lists(SENTENCES, min_size=2, max_size=6, unique=True), VALUES)
    def holds(sentences: list[str], value: str) -> None:
        errors = [("E1", f"{words} {value}") for words in sentences]
        told = printed([*errors, ("E2", errors[0][1])])
        assert len(set(told)) == len(sentences) + 1

    holds()


def test_space_and_capitals_do_not_matter_and_it_is_a_pure_function(printed: Printed) -> None:
    errors = [("E1", "Job  17\nfailed"), ("E1", "job 18 FAILED"), (" E1", " job 17 failed ")]
    told = printed(errors)
    assert len(set(told)) == 1
    assert printed(errors) == told
    assert printed([("", "")]) == printed([("", "")])


def test_by_example_on_both_engines(any_store: Store) -> None:
    printed = printed_by(any_store)
    for one, other, same in EXAMPLES:
        told = printed([("E", one), ("E", other)])
        assert (told[0] == told[1]) == same, (one, other)


def test_a_long_message_is_taken_to_its_bound(printed: Printed) -> None:
    told = printed([("E", "word " * 400 + "end"), ("E", "word " * 400 + "other end")])
    assert told[0] == told[1]
