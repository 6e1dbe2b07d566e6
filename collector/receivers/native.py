"""`POST /v1/events`: NDJSON, a JSON array, one JSON object, or CloudEvents in any mode."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.delivery import CLOUDEVENTS, JSON, LINES, Delivery
from collector.receivers import cloudevents_http
from collector.receivers.door import ANSWERS, Direct, Door, TypeUnknown, media_type, status_of, told
from core.errors import RevtraceError
from core.event import json_schema

PATH = "/v1/events"
DURABLE = "Everything is durable; bad records are quarantined and counted."
SOURCE_CHARS_MAX = 200

PROTOCOLS: Mapping[str, str] = {
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonlines": LINES,
    "application/json": JSON,
    cloudevents_http.STRUCTURED: CLOUDEVENTS,
    cloudevents_http.BATCH: CLOUDEVENTS,
}


def router(door: Door) -> APIRouter:
    """The route; the source of records that name none is `?source=`."""
    routes = APIRouter(route_class=Direct)

    @routes.post(
        PATH,
        summary="Send integration events",
        openapi_extra=_described(),
        responses={**ANSWERS, 200: {"description": DURABLE}},
        response_class=JSONResponse,
    )
    async def events(request: Request) -> Response:
        try:
            receipt = await door.commit(await _delivery(door, request))
        except RevtraceError as error:
            return _refused(error)
        return JSONResponse(receipt.answer())

    return routes


async def _delivery(door: Door, request: Request) -> Delivery:
    kind = media_type(request)
    given = Delivery(
        body=b"",
        source=request.query_params.get("source", "")[:SOURCE_CHARS_MAX],
        content_encoding=request.headers.get("content-encoding", "")[:40],
    )
    # A structured event is told by its type, whatever headers came along.
    if not kind.startswith(cloudevents_http.KINDS) and cloudevents_http.is_binary(request.headers):
        body = cloudevents_http.structured(request.headers, await door.body(request))
        given = replace(given, protocol=CLOUDEVENTS, mapping=CLOUDEVENTS)
        return replace(given, body=body, content_type=cloudevents_http.BINARY)
    if kind not in PROTOCOLS:
        raise TypeUnknown(
            f"content type '{kind[:80]}' is not taken here"
            if kind
            else "the content type is missing",
            "",
            "Use application/x-ndjson with one event a line, application/json, or CloudEvents",
        )
    protocol = PROTOCOLS[kind]
    mapping = CLOUDEVENTS if protocol == CLOUDEVENTS else given.mapping
    body = await door.body(request)
    return replace(given, body=body, protocol=protocol, content_type=kind, mapping=mapping)


def _refused(error: RevtraceError) -> Response:
    return told(error, JSONResponse(error.told(), status_code=status_of(error)))


def _described() -> dict[str, Any]:
    schema = json_schema()
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "application/json": {
                    "schema": {"oneOf": [schema, {"type": "array", "items": schema}]}
                },
                cloudevents_http.STRUCTURED: {"schema": {"type": "object"}},
                cloudevents_http.BATCH: {
                    "schema": {"type": "array", "items": {"type": "object"}},
                },
            },
        },
        "parameters": [
            {
                "name": "source",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "maxLength": SOURCE_CHARS_MAX},
                "description": "Source of the records that name none.",
            }
        ],
    }
