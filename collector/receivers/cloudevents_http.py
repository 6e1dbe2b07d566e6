"""CloudEvents over HTTP: which of the three modes a request has, and the one body that it is kept
as.

In binary mode the attributes are headers, which a delivery does not keep. Such a request is kept in
its structured form, its data byte by byte within it, so that recovery makes the same event of it.
"""

import base64
import json
from collections.abc import Iterator
from urllib.parse import unquote

from starlette.datastructures import Headers

from core.errors import BadInput

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/cloudevents+json; mode=binary"
KINDS = "application/cloudevents"
PREFIX = "ce-"
SIGNS = ("ce-specversion", "ce-id", "ce-type", "ce-source")
# Of an event that comes in many headers; HTTP servers bound them as well.
ATTRIBUTES_MAX = 100


def is_binary(headers: Headers) -> bool:
    """Say whether the request is a CloudEvent whose attributes are headers."""
    return any(sign in headers for sign in SIGNS)


def structured(headers: Headers, body: bytes) -> bytes:
    """The structured form of a CloudEvent in binary mode; raises BadInput for too many
    attributes.
    """
    told = list(_attributes(headers))
    if len(told) > ATTRIBUTES_MAX:
        raise BadInput(f"the event has more than {ATTRIBUTES_MAX} attributes", "", "Use data")
    members = [f"{_string(name)}:{_string(value)}".encode() for name, value in told]
    kind = headers.get("content-type", "")
    if kind:
        members.append(f'"datacontenttype":{_string(kind)}'.encode())
    if body.strip():
        members.append(_data(kind, body))
    return b"{" + b",".join(members) + b"}"


def _attributes(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if name.startswith(PREFIX):
            yield name.removeprefix(PREFIX), unquote(value, errors="replace")


def _data(kind: str, body: bytes) -> bytes:
    """JSON as it stands, all else in base64; what is broken must not break the form around it."""
    plain = kind.split(";")[0].strip().lower()
    if not plain or plain.endswith(("/json", "+json")):
        try:
            text = body.decode("utf-8").removeprefix("\ufeff")
            json.loads(text)
            return b'"data":' + text.strip().encode()
        except (ValueError, RecursionError):
            pass
    return b'"data_base64":"' + base64.b64encode(body) + b'"'


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
