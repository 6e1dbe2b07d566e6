"""Where the rows of a CSV file end, and what is told of a header that makes no sense."""

import io

import pytest

from collector.csv_rows import event_lines, read_parts
from collector.mapping import CsvMapping, parse_mapping
from core.errors import BadInput


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
