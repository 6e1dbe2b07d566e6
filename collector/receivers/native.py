"""`POST /v1/events`: NDJSON, a JSON array, or one JSON object."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.delivery import LINES, Delivery
from collector.prepare import JSON
from collector.receivers.door import Door, TypeUnknown, media_type, status_of, told
from core.errors import RevtraceError
from core.event import json_schema

PATH = "/v1/events"
SOURCE_CHARS_MAX = 200

PROTOCOLS: Mapping[str, str] = {
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonlines": LINES,
    "application/json": JSON,
}


def router(door: Door) -> APIRouter:
    """The route; the source of records that name none is `?source=`."""
    routes = APIRouter()

    @routes.post(
        PATH,
        summary="Send integration events",
        openapi_extra=_described(),
        responses=_answers(),
        response_class=JSONResponse,
    )
    async def events(request: Request) -> Response:
        try:
            receipt = await door.commit(await _delivery(door, request))
        except RevtraceError as error:
            return _refused(door, error)
        door.measures.answered(PATH, 200)
        return JSONResponse(receipt.answer())

    return routes


async def _delivery(door: Door, request: Request) -> Delivery:
    kind = media_type(request)
    if kind not in PROTOCOLS:
        raise TypeUnknown(
            f"content type '{kind[:80]}' is not taken here"
            if kind
            else "the content type is missing",
            "",
            "Use application/x-ndjson with one event a line, or application/json",
        )
    return Delivery(
        body=await door.body(request),
        protocol=PROTOCOLS[kind],
        source=request.query_params.get("source", "")[:SOURCE_CHARS_MAX],
        content_type=kind,
        content_encoding=request.headers.get("content-encoding", "")[:40],
    )


def _refused(door: Door, error: RevtraceError) -> Response:
    code = status_of(error)
    door.measures.answered(PATH, code)
    content = {"error": error.what, "why": error.why, "todo": error.todo}
    return told(error, JSONResponse(content, status_code=code))


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


def _answers() -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "Everything is durable; bad records are quarantined and counted."},
        400: {"description": "No record can be told apart in the body."},
        413: {"description": "The body is too large."},
        415: {"description": "The content type or encoding is not known."},
        503: {"description": "Come again after Retry-After seconds; nothing is stored twice."},
    }
