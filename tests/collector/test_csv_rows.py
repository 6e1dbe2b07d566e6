"""Where the rows of a CSV file end, and what is told of a header that makes no sense."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from collector.csv_rows import event_lines, read_parts
from collector.mapping import CsvMapping, parse_mapping
from core.errors import BadInput
from core.verdict import Fault, admit


def test_a_stray_quote_does_not_swallow_the_rows_behind_it() -> None:
    text = 'a;b\n1;5" pipe\n2;"two\nlines ""q"" "\n3;x\n"4";"" \n5;"open\n'
    parts = read_parts(io.StringIO(text, newline=""), 1, 10**6, ";")
    rows = [part.body.decode().removeprefix("a;b\n") for part in parts]
    assert rows == ['1;5" pipe\n', '2;"two\nlines ""q"" "\n', "3;x\n", '"4";"" \n', '5;"open\n']


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("number;at", "looks parted by ';', not ','"),
        ("number\tat", "looks parted by '\\t'"),
        ("n\0u\0m,at", "not in utf-8-sig: say the `encoding`"),
        ("no,at", "no column number: its columns are no, at. Correct mapping m"),
    ],
)
def test_a_header_that_makes_no_sense_is_told_what_it_probably_is(header: str, says: str) -> None:
    text = (
        'name = "m"\nversion = 1\nformat = "csv"\nsource = "erp"\n[time]\ncolumn = "at"\n'
        '[fields]\n"object.id" = "number"\n[constants]\n"object.type" = "x"\naction = "posted"\n'
    )
    mapping = parse_mapping(text, "m.toml")
    assert isinstance(mapping, CsvMapping)
    with pytest.raises(BadInput) as refused:
        event_lines(f"{header}\n1,2\n".encode(), mapping, 0)
    assert says in str(refused.value)


LINKED = """
name = "m"
version = 1
format = "csv"
source = "erp"

[csv]
delimiter = ";"
decimal = ","
thousands = "."

[time]
column = "at"

[amount]
column = "total"
currency = "EUR"

[fields]
"object.id" = "no"

[constants]
"object.type" = "invoice"
action = "posted"

[[link]]
type = "billing_event"
relation = "from"
id = { column = "bill", without_prefix = "B-" }

[[link]]
type = "contract"
relation = "part_of"
id = "contract"
"""
AT = "2026-09-30T10:00:00Z"


def lines_of(*rows: str) -> list[dict[str, Any]]:
    mapping = parse_mapping(LINKED, "m.toml")
    assert isinstance(mapping, CsvMapping)
    body = "\n".join(["no;at;total;bill;contract", *rows]).encode()
    return [json.loads(line) for line in event_lines(body, mapping, 0)[0].split(b"\n")]


def test_a_column_makes_a_link_and_an_empty_cell_none() -> None:
    both, one, none = lines_of(f"1;{AT};1;B-7;C-1", f"2;{AT};1;B-8;", f"3;{AT};1;;")
    assert both["links"] == [
        {"type": "billing_event", "id": "7", "relation": "from"},
        {"type": "contract", "id": "C-1", "relation": "part_of"},
    ]
    assert one["links"] == [{"type": "billing_event", "id": "8", "relation": "from"}]
    assert "links" not in none


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.234,50", "1234.50"),
        ("-12.345.678,9", "-12345678.90"),
        ("1234,5", "1234.50"),
        ("7", "7.00"),
        *((bad, None) for bad in ("1234.50", "1.23,4", "1.234.5", "1,2,3", "1,", ",5", "x", "1 2")),
    ],
)
def test_a_decimal_comma_is_read_exactly_and_never_guessed(cell: str, amount: str | None) -> None:
    (line,) = lines_of(f"1;{AT};{cell};;")
    if amount is not None:
        assert line["money"]["amount"] == amount
        return
    found = admit(json.dumps(line), source="erp", received_at=datetime(2026, 10, 1, tzinfo=UTC))
    assert isinstance(found, Fault)
    assert found.field == "money.amount"
