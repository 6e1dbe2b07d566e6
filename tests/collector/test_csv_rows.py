"""Where the rows of a CSV file end."""

import io

from collector.csv_rows import read_parts


def test_a_stray_quote_does_not_swallow_the_rows_behind_it() -> None:
    text = 'a;b\n1;5" pipe\n2;"two\nlines ""q"" "\n3;x\n"4";"" \n5;"open\n'
    parts = read_parts(io.StringIO(text, newline=""), 1, 10**6, ";")
    rows = [part.body.decode().removeprefix("a;b\n") for part in parts]
    assert rows == ['1;5" pipe\n', '2;"two\nlines ""q"" "\n', "3;x\n", '"4";"" \n', '5;"open\n']
