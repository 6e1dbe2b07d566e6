"""OCEL in JSON, 2.0 and 1.0, told apart by its keys and laid out element by element."""

import io
from collections.abc import Callable
from typing import IO, Any

from collector.receivers.json_stream import JsonStream
from collector.receivers.ocel_stage import Stage


def lay(stage: Stage, stream: IO[bytes]) -> None:
    """Lay a document out; raises BadInput where its JSON breaks."""
    document = JsonStream(io.TextIOWrapper(io.BufferedReader(_Kept(stream)), "utf-8"))
    readers: dict[str, Callable[[JsonStream, Stage], None]] = {
        "events": _events,
        "objects": _objects,
        "ocel:events": _old_events,
        "ocel:objects": _old_objects,
    }
    for key in document.members():
        if key in readers:
            readers[key](document, stage)
        else:
            document.value()
    document.end()


def _events(document: JsonStream, stage: Stage) -> None:
    for _ in document.elements():
        found = document.value()
        if not isinstance(found, dict):
            stage.broken(found)
        elif stage.add_event(found.get("id"), found.get("type"), found.get("time")):
            for one in _list(stage, found, "relationships"):
                stage.touches(found["id"], one.get("objectId"), one.get("qualifier"))


def _objects(document: JsonStream, stage: Stage) -> None:
    for _ in document.elements():
        found = document.value()
        if not isinstance(found, dict):
            stage.broken(found)
        elif stage.add_object(found.get("id"), found.get("type")):
            for one in _list(stage, found, "attributes"):
                stage.value(found["id"], one.get("name"), one.get("value"), one.get("time"))
            for one in _list(stage, found, "relationships"):
                stage.relates(found["id"], one.get("objectId"), one.get("qualifier"))


def _old_events(document: JsonStream, stage: Stage) -> None:
    """OCEL 1.0: a map from the id, with the objects as a plain list."""
    for name in document.members():
        found = document.value()
        if not isinstance(found, dict):
            stage.broken({name: found})
        elif stage.add_event(name, found.get("ocel:activity"), found.get("ocel:timestamp")):
            things = found.get("ocel:omap")
            if things is not None and not isinstance(things, list):
                stage.broken({name: found})
            for thing in things if isinstance(things, list) else []:
                stage.touches(name, thing)


def _old_objects(document: JsonStream, stage: Stage) -> None:
    for name in document.members():
        found = document.value()
        if not isinstance(found, dict):
            stage.broken({name: found})
        elif stage.add_object(name, found.get("ocel:type")):
            values = found.get("ocel:ovmap")
            for key, value in values.items() if isinstance(values, dict) else ():
                stage.value(name, key, value)


def _list(stage: Stage, found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands there is kept as what cannot be read."""
    value = found.get(key)
    if value is not None and not isinstance(value, list):
        stage.broken({str(found.get("id")): {key: value}})
        return []
    for one in value or []:
        if not isinstance(one, dict):
            stage.broken({str(found.get("id")): {key: one}})
    return [one for one in value or [] if isinstance(one, dict)]


class _Kept(io.RawIOBase):
    """A stream that stays open when the text around it is let go."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
