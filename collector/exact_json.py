"""JSON read and written without losing anything: numbers keep their digits, and where it matters
objects keep repeated keys.

Python's own reader makes floats, and its writer cannot write an exact number back.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

# Deeper documents are refused: what reads them here walks down by recursion.
DEPTH_MAX = 100


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written: its keys in their order, repeated ones too."""


class Raw(str):
    """A number, or whatever else is written back as it stands."""

    __slots__ = ()


def read(text: str) -> Any:
    """Read JSON with exact numbers; raises ValueError for what is none, or is nested too deeply."""
    return _load(text, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse)


def read_as_written(text: str) -> Any:
    """Read JSON so that `text_of` writes back the same; raises ValueError as `read` does."""
    return _load(
        text, object_pairs_hook=Pairs, parse_float=Raw, parse_int=Raw, parse_constant=_refuse
    )


def text_of(value: Any, *, sort_keys: bool = False) -> str:
    """Write JSON without white space, exact numbers as numbers."""
    match value:
        case Raw():
            return str(value)
        case Pairs():
            return _object(value, sort_keys)
        case dict():
            pairs = sorted(value.items()) if sort_keys else value.items()
            return _object(pairs, sort_keys)
        case list() | tuple():
            return f"[{','.join(text_of(part, sort_keys=sort_keys) for part in value)}]"
        case Decimal():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def bytes_of(text: str) -> bytes:
    """UTF-8; a lone surrogate, which JSON can write and no text can hold, becomes a question
    mark.
    """
    return text.encode("utf-8", "replace")


def plain_number(value: int | Decimal) -> str:
    """A number as a decimal text without exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _object(pairs: Any, sort_keys: bool) -> str:
    inner = (
        f"{json.dumps(key, ensure_ascii=False)}:{text_of(part, sort_keys=sort_keys)}"
        for key, part in pairs
    )
    return "{" + ",".join(inner) + "}"


def _load(text: str, **hooks: Any) -> Any:
    try:
        found = json.loads(text, **hooks)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if text.count("[") + text.count("{") > DEPTH_MAX and _depth(found) > DEPTH_MAX:
        raise ValueError("it is nested too deeply")
    return found


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, found without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [part for each in level for part in _parts(each)]
    return depth


def _parts(value: Any) -> Any:
    match value:
        case Pairs():
            return [part for _, part in value]
        case dict():
            return value.values()
        case list():
            return value
    return ()


def _decimal(text: str) -> Decimal:
    # An exponent of millions would be written out by whoever formats it.
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the number {text[:40]} is beyond all bounds") from None
    if abs(value.adjusted()) > 400:
        raise ValueError(f"the number {text[:40]} is beyond all bounds")
    return value


def _whole(text: str) -> int:
    if len(text) > 400:
        raise ValueError(f"the number {text[:40]} is beyond all bounds")
    return int(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
