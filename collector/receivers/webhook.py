"""`POST /hooks/{source}`: payloads in the shape of the source, mapped by its file.

A source that signs is checked before its bytes are looked at; whatever is wrong with a signature,
the answer is the same. A request that is sent again is a duplicate, since its events have the same
ids.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.delivery import PAYLOAD, Delivery
from collector.payload_mapping import PayloadMapping
from collector.prepare import REPLAY
from collector.receivers.door import ANSWERS, Door, media_type, status_of, told
from collector.signature import NotSigned, Signature
from collector.source import Source
from core.clock import Clock
from core.errors import ConfigInvalid, NotFound, RevtraceError, StoreUnavailable

PATH = "/hooks/{source}"
LOG = logging.getLogger("revtrace.collector")


def router(door: Door, clock: Clock) -> APIRouter:
    """The route; `clock` tells how old a signed request is."""
    routes = APIRouter()

    @routes.post(
        PATH,
        summary="Send payloads of a source in its own shape",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}
        },
        responses=_answers(),
        response_class=JSONResponse,
    )
    async def hook(source: str, request: Request) -> Response:
        try:
            declared = _declared(door, source, request)
            body = await _checked_body(door, request, declared, clock)
            receipt = await door.commit(_delivery(declared, body, request))
        except RevtraceError as error:
            return _refused(error)
        return JSONResponse(receipt.answer())

    return routes


def _declared(door: Door, name: str, request: Request) -> Source:
    source = door.writer.sources.declared.get(name)
    if door.access.needed and (source is None or not isinstance(source.mapping, PayloadMapping)):
        # Which sources there are is told to those alone who may send.
        door.admit(request)
    if source is None:
        raise NotFound(
            f"source '{name[:80]}' is not declared", "", "Put a file for it into sources/"
        )
    if not isinstance(source.mapping, PayloadMapping):
        raise NotFound(
            f"source '{name}' has no mapping of payloads",
            "",
            "Give its file a `system` that has one, or a [mapping] of its own",
        )
    return source


async def _checked_body(door: Door, request: Request, source: Source, clock: Clock) -> bytes:
    """The body with its encoding undone; what is signed is what was sent, encoded or not. A valid
    signature authorizes for its source, in place of a token that no vendor could send.
    """
    if source.signature is None:
        return await door.body(request)
    sent = await door.raw_body(request)
    # A secret may be a file, and reading one is no business of the loop.
    try:
        await asyncio.to_thread(_check, source.signature, request.headers, sent, clock)
    except NotSigned:
        door.access.refused.tell(f"a hook of source {source.name} is not signed as its file says")
        raise
    door.access.enter_signed(source.name)
    return await door.decoded(request, sent)


def _check(signature: Signature, headers: Mapping[str, str], body: bytes, clock: Clock) -> None:
    try:
        signature.check(headers, body, clock.now())
    except ConfigInvalid as error:
        LOG.error("a signature cannot be checked: %s", error)
        raise StoreUnavailable("the signature cannot be checked now") from None


def _delivery(source: Source, body: bytes, request: Request) -> Delivery:
    mapping = source.mapping
    assert mapping is not None
    # Nobody but this program makes a delivery that stands for another one.
    kind = media_type(request)[:80]
    return Delivery(
        body=body,
        protocol=PAYLOAD,
        source=source.name,
        content_type=kind if kind != REPLAY else "",
        content_encoding=request.headers.get("content-encoding", "")[:40],
        mapping=mapping.name,
        mapping_version=mapping.version,
    )


def _refused(error: RevtraceError) -> Response:
    code = _status(error)
    return told(error, JSONResponse(error.told(), status_code=code))


def _status(error: RevtraceError) -> int:
    if isinstance(error, NotSigned):
        return 401
    return 404 if isinstance(error, NotFound) else status_of(error)


def _answers() -> dict[int | str, dict[str, Any]]:
    return {
        **ANSWERS,
        200: {"description": "Everything is durable; what cannot be mapped is quarantined."},
        401: {"description": "The signature is missing, wrong or too old; or a token is needed."},
        404: {"description": "The source is not declared, or has no mapping."},
    }
