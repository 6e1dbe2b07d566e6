"""XES logs: a row for each event, with the attributes of its case behind `case:`, mapped as csv is.

Without a mapping the case is an object of type `case` named by its `concept:name`, the event's
`concept:name` is the action, `org:resource` the actor; `identity:id` is the event's id where it has
one. Attributes inside of attributes are left out.
"""

from collections.abc import Iterator
from dataclasses import replace

from collector.delivery import ROWS, Delivery
from collector.file_format import Opening, Parts
from collector.file_stream import closing_stream, opened, share_of
from collector.forms.table_rows import row_line
from collector.mapping import CsvMapping, parse_mapping
from collector.receivers.xml_stream import Node, elements
from core.errors import BadInput

NAME = "xes"
ENDINGS = (".xes",)
MAPPING = CsvMapping
NEEDS_MAPPING = ""
NAMES_SOURCE = False
CASE = "case:"
EVENTS = ("log/trace/event", "log/event")
SCALARS = ("string", "date", "int", "float", "boolean", "id")
MARKS = (b"<trace", b"xes.", b"xes-standard")

PLAIN = parse_mapping(
    """
name = "xes"
version = 1
format = "xes"
[time]
column = "time:timestamp"
[fields]
event_id = "identity:id"
"object.id" = "case:concept:name"
"context.actor" = "org:resource"
"attributes.activity" = "concept:name"
"attributes.lifecycle" = "lifecycle:transition"
[constants]
"object.type" = "case"
[activity]
column = "concept:name"
other = "snake_case"
""",
    "the mapping of xes",
)


def claims(head: bytes) -> bool:
    """XML with a word of the standard in it."""
    return head.startswith(b"<") and any(mark in head for mark in MARKS)


def parts(opening: Opening) -> Parts:
    """Cut a file into parts of so many events."""
    raw, stream = opened(opening.path)

    def deliveries() -> Iterator[Delivery]:
        part: list[bytes] = []
        broken = None
        try:
            for around, event in elements(stream, *EVENTS):
                part.append(row_line(_row(around[-1], event), event.line))
                if len(part) >= opening.rows:
                    yield replace(opening.base, protocol=ROWS, body=b"\n".join(part))
                    part = []
        except BadInput as error:
            # What came before the break is as good as the rest of the file was.
            broken = error
        if part:
            yield replace(opening.base, protocol=ROWS, body=b"\n".join(part))
        if broken is not None:
            raise broken

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(stream, raw))


def _row(around: Node, event: Node) -> dict[str, str]:
    row = _values(event)
    if around.tag == "trace":
        row |= {f"{CASE}{key}": text for key, text in _values(around).items()}
    return row


def _values(node: Node) -> dict[str, str]:
    return {
        one.attributes.get("key", ""): one.attributes.get("value", "")
        for one in node.named(*SCALARS)
    }
