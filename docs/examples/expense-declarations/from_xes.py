"""Makes the CSV file that `mapping.toml` reads of the event log as it is published, an XES file.

python from_xes.py DomesticDeclarations.xes.gz expense_declarations.csv.gz
"""

import csv
import gzip
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from defusedxml.ElementTree import iterparse

XES = "{http://www.xes-standard.org}"
# Column of the CSV file: key of an event of the log.
COLUMNS = {
    "event_id": "id",
    "declaration": "(case)_id",
    "activity": "concept:name",
    "role": "org:role",
    "resource": "org:resource",
    "timestamp": "time:timestamp",
    "amount": "(case)_Amount",
    "budget": "(case)_BudgetNumber",
    "declaration_number": "(case)_DeclarationNumber",
}


def rows(log: Path) -> Iterator[list[str]]:
    """The events of the log in its order, times in UTC; raises KeyError for one that lacks any."""
    with gzip.open(log) as opened:
        for _, element in iterparse(opened):
            if element.tag == f"{XES}event":
                told = {each.get("key"): each.get("value") for each in element}
                at = datetime.fromisoformat(told["time:timestamp"]).astimezone(UTC)
                told["time:timestamp"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
                yield [told[key] for key in COLUMNS.values()]
                element.clear()


def main(log: Path, made: Path) -> None:
    """Write the CSV file, packed."""
    with gzip.open(made, "wt", newline="", encoding="utf-8") as opened:
        written = csv.writer(opened, lineterminator="\n")
        written.writerow(COLUMNS)
        written.writerows(rows(log))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
