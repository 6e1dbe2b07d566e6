"""OCEL 2.0 in XML, laid out element by element."""

from typing import IO

from collector.receivers.ocel_stage import Stage
from collector.receivers.xml_stream import Node, elements

EVENT = "log/events/event"
OBJECT = "log/objects/object"
# The standard's schema and its own example write a relation in different words.
RELATIONS = ("relationship", "relobj", "object")


def lay(stage: Stage, stream: IO[bytes]) -> None:
    """Lay a document out; raises BadInput where its XML breaks or is refused."""
    for around, found in elements(stream, EVENT, OBJECT):
        name, kind = found.attributes.get("id"), found.attributes.get("type")
        if around[-1].tag == "events":
            if stage.add_event(name, kind, found.attributes.get("time")):
                for other, qualifier in _relations(found):
                    stage.touches(name, other, qualifier)
        elif stage.add_object(name, kind):
            for value in _inner(found, "attributes", "attribute"):
                told = value.attributes
                stage.value(name, told.get("name"), value.text.strip(), told.get("time"))
            for other, qualifier in _relations(found):
                stage.relates(name, other, qualifier)


def _relations(node: Node) -> list[tuple[str | None, str | None]]:
    return [
        (one.attributes.get("object-id"), one.attributes.get("qualifier"))
        for one in _inner(node, "objects", *RELATIONS)
    ]


def _inner(node: Node, group: str, *tags: str) -> list[Node]:
    return [one for outer in node.named(group) for one in outer.named(*tags)]
