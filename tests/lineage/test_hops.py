"""The money of hops: what goes in and comes out, what explains the difference, and what is left, as
a few lines of Decimal that know nothing of the engine say.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.store import SqlFolder, Store
from dashboards import formats
from lineage.detector import DETECTOR_SQL
from lineage.reader import Reader
from tests.conftest import NewStore
from tests.lineage.story import NOW, Event, approved, billed, invoiced, money, said, traced

SQL = SqlFolder(__file__)
CENT = Decimal("0.01")
ZERO = Decimal(0)
REASONS = ("credit", "write_off", "tax", "exchange", "rounding", "unexplained")
HOP = "billing_event to invoice"
CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)
EITHER = st.none() | CENTS
# A billing event of 100 on its way to one or two invoices. `linked`: what the links say, where all
# of them say it; `memo`: on which side a memo stands, of what kind, and of how much.
PART = st.fixed_dictionaries(
    {
        "outs": st.lists(CENTS, min_size=1, max_size=2),
        "linked": st.none() | st.lists(CENTS, min_size=2, max_size=2),
        "currency": st.sampled_from(["USD", "USD", "EUR"]),
        "rate": st.sampled_from(["", "0.9", "1.1"]),
        "tax": EITHER,
        "memo": st.none()
        | st.tuples(st.booleans(), st.sampled_from(["credit_memo", "write_off"]), CENTS),
    }
)


def told(place: int, part: dict[str, Any]) -> list[Event]:
    """The events of one part, with names of its own."""
    name, bill = f"{place}", f"billing_event/BE-{place}"
    events = [approved(name), *billed(name, 1, [name])]
    attributes = {"exchange_rate": part["rate"]} if part["rate"] else {}
    if part["tax"] is not None:
        attributes["tax_amount"] = str(part["tax"])
    for nth, amount in enumerate(part["outs"]):
        share = part["linked"][nth] if part["linked"] else None
        more = {"made_from": [], "links": [("billing_event", f"BE-{place}", "from", share)]}
        # The first invoice says what tax it includes.
        said_of_it = (
            attributes if nth == 0 else {k: v for k, v in attributes.items() if k[0] == "e"}
        )
        events.append(
            invoiced(
                f"{place}-{nth}",
                4,
                **more,
                **money(amount, part["currency"]),
                attributes=said_of_it,
            )
        )
    if part["memo"]:
        far, kind, amount = part["memo"]
        on = f"invoice/INV-{place}-0" if far else bill
        link = [(*on.split("/"), "amends", None)]
        events.append(said(f"{kind}/M-{place}", "approved", 9, links=link, **money(amount)))
    return events


def by_hand(part: dict[str, Any]) -> dict[str, dict[str, Decimal]]:
    """What each currency of a part should come to."""
    out, into = sum(part["outs"], ZERO), Decimal(100)
    if part["currency"] == "USD":
        compared = {"USD": (into, out)}
    else:
        compared = {"USD": (into, ZERO), "EUR": (ZERO, out)}
    answer = {}
    for currency, (near, far) in compared.items():
        gap = abs(near - far)
        if part["linked"] and currency == part["currency"]:
            pairs = zip(part["outs"], part["linked"], strict=False)
            gaps = [abs(amount - share) for amount, share in pairs]
            gap = max(gap, sum((each for each in gaps if each > CENT), ZERO))
        row = dict.fromkeys(REASONS, ZERO) | {"into": near, "out_of": far}
        if part["currency"] != "USD" and part["rate"]:
            exchanged = abs(into * Decimal(part["rate"]) - out) <= CENT
            row["exchange"] = gap if exchanged else ZERO
        larger_is_far = near < far
        left = gap - row["exchange"]
        if part["tax"] is not None and larger_is_far and currency == part["currency"]:
            row["tax"] = min(left, part["tax"])
            left -= row["tax"]
        if part["memo"] and currency == "USD" and part["memo"][0] == larger_is_far:
            kind = {"credit_memo": "credit", "write_off": "write_off"}[part["memo"][1]]
            even = abs(near - far) <= CENT and gap <= CENT
            row[kind] = ZERO if even else min(left, part["memo"][2])
            left -= row[kind]
        row["rounding" if left <= CENT else "unexplained"] = left
        answer[currency] = row
    return answer


def test_every_difference_has_its_reason_or_is_a_break(new_store: NewStore) -> None:
    store = new_store()

    @settings(max_examples=max(2, settings.default.max_examples // 12))
    @given(parts=st.lists(PART, min_size=8, max_size=16))
    def holds(parts: list[dict[str, Any]]) -> None:
        events = [event for place, part in enumerate(parts) for event in told(place, part)]
        half = len(events) // 2
        bench = traced(store, events[half:][::-1], events[:half])
        wanted: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        broken = {}
        for place, part in enumerate(parts):
            answer = by_hand(part)
            for currency, row in answer.items():
                for name, amount in row.items():
                    wanted[currency][name] += amount
            if any(row["unexplained"] for row in answer.values()):
                broken[f"invoice/INV-{place}-0"] = answer
        assert sums(store) == {currency: dict(row) for currency, row in wanted.items()}
        found = Reader(store).findings(NOW, kind="value_break", status="open")
        of_hop = {one["object"]: one for one in found if one["stage"] == HOP}
        assert of_hop.keys() == broken.keys()
        for key, one in of_hop.items():
            assert one["amount"] == broken[key][one["currency"]]["unexplained"]
        before = sums(store)
        bench.wheel.rebuild()
        assert sums(store) == before

    holds()


def sums(store: Store) -> dict[str, dict[str, Decimal]]:
    """What the view says of the hop, by currency."""
    rows = [row for row in Reader(store).conservation() if row["hop"] == HOP]
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        known = row["into"] - row["pending"] + row["unfounded"]
        assert row["out_of"] == known - row["explained_net"] - row["unexplained_net"]
        assert abs(row["unexplained_net"]) <= row["unexplained"]
        for name in ("into", "out_of", *REASONS):
            found[row["currency"]][name] += row[name]
    return {currency: dict(row) for currency, row in found.items()}


def test_what_explains_a_difference_is_a_field_and_ends_the_finding(store: Store) -> None:
    bench = traced(store, [approved(), *billed(), invoiced(**money("90"))])
    (one,) = Reader(store).findings(NOW, kind="value_break")
    assert (one["status"], one["amount"], one["explained_by"]) == ("open", Decimal(10), [])
    on_bill = [("billing_event", "BE-1", "amends", None)]
    bench.admit([said("write_off/W-1", "approved", 8, links=on_bill, **money("4"))])
    bench.wheel.turn()
    (partly,) = Reader(store).findings(NOW, kind="value_break")
    assert (partly["status"], partly["amount"]) == ("open", Decimal(6))
    assert [(r["kind"], r["amount"]) for r in partly["explained_by"]] == [("write_off", Decimal(4))]
    bench.admit([said("credit_memo/C-1", "posted", 9, links=on_bill, **money("6"))])
    bench.wheel.turn()
    (over,) = Reader(store).findings(NOW, kind="value_break")
    assert (over["finding_id"], over["status"]) == (one["finding_id"], "resolved")
    assert over["resolved_by"] == "event credit_memo/C-1-posted-9"
    assert "credit_memo/C-1-posted-9" in over["evidence"]
    assert "explained by credit of USD 6.00, write-off of USD 4.00" in over["explanation"]


def test_a_memo_explains_again_when_what_reversed_it_is_reversed(store: Store) -> None:
    def memo(name: str, on: str, hours: float) -> Event:
        links = [(*on.split("/"), "reverses", None)]
        return said(f"credit_memo/{name}", "posted", hours, links=links, **money("10"))

    batches = [
        [approved(), *billed(), invoiced(**money("110"))],
        [memo("CM-1", "invoice/INV-1", 9)],
        [memo("CM-2", "credit_memo/CM-1", 10)],
        [said("credit_memo/CM-2", "reversed", 11)],
    ]
    traced(store, sum(batches, []))
    wanted = Reader(store).findings(NOW, kind="value_break")
    assert [one["explained_by"][0]["kind"] for one in wanted] == ["credit"]
    bench = traced(store, *batches)
    assert Reader(store).findings(NOW, kind="value_break") == wanted
    bench.wheel.rebuild()
    assert Reader(store).findings(NOW, kind="value_break") == wanted


def test_a_side_without_money_is_held_against_nothing(store: Store) -> None:
    silent = [event | {"amount": None, "currency": ""} for event in billed()]
    traced(store, [approved(), *silent, invoiced(**money("90"))])
    assert Reader(store).findings(NOW, kind="value_break") == []


def test_amounts_in_explanations_are_written_as_on_the_pages(any_store: Store) -> None:
    numbers = ["0", "-0.01", "7", "999", "-1000", "1234567.8900", "0.0050", "-123456789012.3456"]
    codes = ["USD", "JPY", "KWD", ""]
    each = {"numbers": numbers * len(codes), "codes": [code for code in codes for _ in numbers]}
    text = SQL.raw("said_money").replace("{{money_words}}", DETECTOR_SQL["money_words"])
    for row in any_store.rows(text, each):
        written = formats.money(Decimal(row["number"]), row["code"])
        assert row["said"] == written.replace(formats.GLUE, " "), row
