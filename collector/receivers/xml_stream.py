"""Walks a large XML document element by element, refusing whatever could make a small one large.

Entities that the document declares itself and references to anything outside are refused by
defusedxml; depth and size of what is held at a time are bounded here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from core.errors import BadInput

CHUNK_BYTES = 64 * 1024
DEPTH_MAX = 64
HELD_MAX = 64 * 1024**2
NODE_SIZE = 200


@dataclass
class Node:
    """An element: its name without the namespace, where it begins, and what is in it so far."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    size: int = NODE_SIZE

    def named(self, *tags: str) -> Iterator["Node"]:
        """The children of these names."""
        return (child for child in self.children if child.tag in tags)


Found = tuple[list[Node], Node]


def elements(stream: IO[bytes], *paths: str) -> Iterator[Found]:
    """Each element at one of the paths, such as `log/trace/event`, when it has ended, with those
    around it; those hold what came before it, except elements that were given out.

    Raises BadInput that names line and column for what is no XML, or is refused.
    """
    walker = _Walker(frozenset(paths))
    parser = DefusedXMLParser(target=walker, forbid_entities=True, forbid_external=True)
    walker.place = lambda: int(parser.parser.CurrentLineNumber)
    try:
        while chunk := stream.read(CHUNK_BYTES):
            try:
                parser.feed(chunk)
            finally:
                # What ended before a break is given out before the break is told.
                yield from walker.taken()
        parser.close()
    except DefusedXmlException as error:
        raise BadInput(
            f"the XML declares or refers to what is not taken: {error}",
            "an entity may read other files, or grow without bound",
            "Export it without a document type",
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadInput(
            "the XML breaks",
            str(error),
            "Get the file again",
        ) from None
    yield from walker.taken()


class _Walker:
    """Target of the parser: a tree of what is open, and a list of what has ended."""

    def __init__(self, paths: frozenset[str]) -> None:
        self._paths = paths
        self._open: list[Node] = []
        self._ended: list[Found] = []
        self._held = 0
        self.place: Any = lambda: 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MAX:
            raise BadInput("the XML is nested too deeply", f"line {self.place()}", "Check the file")
        plain = {_plain(name): text for name, text in attributes.items()}
        self._hold(NODE_SIZE + sum(len(text) for text in plain.values()))
        self._open.append(Node(_plain(tag), plain, self.place()))

    def data(self, text: str) -> None:
        if self._open and (self._open[-1].text or text.strip()):
            self._hold(len(text))
            self._open[-1].text += text
            self._open[-1].size += len(text)

    def end(self, tag: str) -> None:
        node = self._open.pop()
        node.size += sum(len(text) for text in node.attributes.values())
        path = "/".join([*(one.tag for one in self._open), node.tag])
        if path in self._paths:
            self._ended.append((list(self._open), node))
        elif len(self._open) > 1:
            self._open[-1].children.append(node)
            self._open[-1].size += node.size
            return
        # The root keeps nothing, so that a file of any length passes by.
        self._held -= node.size

    def close(self) -> None:
        """Nothing is left to be made of the end."""

    def taken(self) -> list[Found]:
        """What has ended since it was asked last."""
        found, self._ended = self._ended, []
        return found

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > HELD_MAX:
            raise BadInput(
                "an element of the XML is too large", f"line {self.place()}", "Check the file"
            )


def _plain(name: str) -> str:
    return name.rpartition("}")[2]
