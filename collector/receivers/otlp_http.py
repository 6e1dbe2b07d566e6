"""OTLP over HTTP: `POST /v1/logs` and `/v1/traces`, protobuf and JSON, answered as the OTLP
specification says.

Nothing is ever rejected in part: a record that breaks a rule is kept in quarantine, and the answer
warns of it (docs/adr/029). What is transient is a 503
with Retry-After, the one answer that every OTLP client repeats.
"""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from collector.admission import field, varint
from collector.body import BodyTooSlow
from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery
from collector.otlp_warning import response, warning
from collector.receivers.door import ANSWERS, Direct, Door, TypeUnknown, media_type, status_of, told
from core.errors import RevtraceError

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
PATHS = {"/v1/logs": OTLP_LOGS, "/v1/traces": OTLP_TRACES}

SLOW_RETRY_SECONDS = 5
# Codes of google.rpc.Status that go with our HTTP statuses.
RPC_CODES = {400: 3, 401: 16, 403: 7, 408: 4, 413: 8, 415: 3, 429: 8, 503: 14}


def router(door: Door) -> APIRouter:
    """The two routes."""
    routes = APIRouter(route_class=Direct)
    for path in PATHS:
        _add(routes, door, path)
    return routes


def _add(routes: APIRouter, door: Door, path: str) -> None:
    @routes.post(
        path,
        name=PATHS[path],
        summary=f"OTLP {PATHS[path].removeprefix('otlp_')}",
        responses=dict(ANSWERS),
        response_class=Response,
        openapi_extra={
            "requestBody": {"required": True, "content": {PROTOBUF: {}, JSON: {}}},
        },
    )
    async def export(request: Request) -> Response:
        kind = media_type(request)
        try:
            if kind not in (PROTOBUF, JSON):
                raise TypeUnknown(
                    f"content type '{kind[:80]}' is not taken here", "", f"Use {PROTOBUF} or {JSON}"
                )
            delivery = Delivery(
                body=await door.body(request),
                protocol=PATHS[path],
                content_type=kind,
                content_encoding=request.headers.get("content-encoding", "")[:40],
                mapping="otlp",
            )
            text = warning(await door.commit(delivery))
        except RevtraceError as error:
            return _refused(kind, error)
        if kind == PROTOBUF:
            return Response(response(text), media_type=PROTOBUF)
        told_of = {"partialSuccess": {"errorMessage": text}} if text else {}
        return Response(json.dumps(told_of, ensure_ascii=False), media_type=JSON)


def _refused(kind: str, error: RevtraceError) -> Response:
    # A body that came too slowly may come again, but of the 4xx an OTLP client repeats only 429: it
    # would drop the batch on the 408 that other senders are told.
    slow = isinstance(error, BodyTooSlow)
    code = 503 if slow else status_of(error)
    answer = told(error, _status(kind, code, str(error)))
    if slow:
        answer.headers["retry-after"] = str(SLOW_RETRY_SECONDS)
    return answer


def _status(kind: str, code: int, text: str) -> Response:
    """The error as google.rpc.Status, in the encoding that the client speaks."""
    number = RPC_CODES[code]
    if kind == PROTOBUF:
        content = b"\x08" + varint(number) + field(2, text.encode())
        return Response(content, status_code=code, media_type=PROTOBUF)
    body = json.dumps({"code": number, "message": text}, ensure_ascii=False)
    return Response(body, status_code=code, media_type=JSON)
