"""The description of the HTTP interface, made from the types that it reads and writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from watchkeeper import __version__
from watchkeeper.events import Acknowledgement
from watchkeeper.server.arrow_stream import MEDIA_TYPE as ARROW
from watchkeeper.server.bodies import JSON
from watchkeeper.server.decoding import RecordsBody
from watchkeeper.server.endpoint import Endpoint
from watchkeeper.server.pictures import MEDIA_TYPE as PNG
from watchkeeper.server.pictures import PATH as PICTURE
from watchkeeper.server.problems import MEDIA_TYPE as PROBLEM
from watchkeeper.server.problems import Problem
from watchkeeper.server.sessions import Access, SignIn
from watchkeeper.server.tables import KINDS

_REFUSALS = {
    401: "No key, or one that is unknown, revoked or expired.",
    403: "The key does not allow it.",
    421: "Not sent to this server by a name of its own.",
    503: "The store cannot be used now; send again after `Retry-After` seconds.",
}
_PROBLEMS = {
    **_REFUSALS,
    400: "The body is not what its type says, or does not arrive whole.",
    408: "The body did not arrive in time.",
    413: "The body, or the table in it, is too large.",
    415: "A media type or an encoding that is not understood.",
    422: "Nothing of it can be taken; `rejected` names row, field and reason.",
    429: "The server is full, or the key's rate used up; send again after `Retry-After` seconds.",
}
_ASKED = {**_REFUSALS, 422: "A parameter, or what it names, is wrong."}
_SENT = {
    **_ASKED,
    400: "The body is no JSON, or does not arrive whole.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "A media type or an encoding that is not understood.",
}
# A part such as `{id:path}` may hold slashes.
_IN_PATH = re.compile(r"\{(\w+)(?::\w+)?\}")


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the server lives, or can take records."""

    status: str


def describe(endpoints: Sequence[Endpoint[Any, Any]], *, needs_key: bool) -> bytes:
    """Return the OpenAPI 3.1 document as JSON.

    Parameters
    ----------
    endpoints
        What can be asked, beside taking records and what is asked of every server.
    needs_key
        Whether nobody is let in without a key.
    """
    own = (RecordsBody, Acknowledgement, Problem, Status, Access, SignIn)
    types = [*own, *(t for e in endpoints for t in (e.answer, e.query, e.body) if t is not None)]
    references, schemas = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    records, acknowledgement, problem, status, access, sign_in = references[: len(own)]
    reference_of = dict(zip(types, references, strict=True))
    asked = _paths(endpoints, reference_of, schemas, problem)
    for endpoint in endpoints:
        schemas.pop(endpoint.query.__name__, None)
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = _plain(schema["description"])
    kept = _answers(acknowledgement, problem)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Watchkeeper",
                "version": __version__,
                "description": "Records are acknowledged when they are durable. A record whose id"
                " is known already is a duplicate and changes nothing, so sending again is safe.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{"key": []}] if needs_key else [{"key": []}, {}],
            "paths": {
                "/v1/records": {
                    "post": {
                        "operationId": "sendRecords",
                        "summary": "Keep predictions, outcomes and feedback",
                        "description": "Bodies may be packed with `Content-Encoding` gzip or zstd.",
                        "requestBody": _body(JSON, records),
                        "responses": kept,
                    }
                },
                **asked,
                "/v1/models/{model}/{kind}": {
                    "post": {
                        "operationId": "sendTable",
                        "summary": "Keep a table of one model's records of one kind",
                        "description": "An Arrow IPC stream, columns named as in the store:"
                        " `prediction_id`, `time`, `feature:<name>`, `tag:<name>`, `output`,"
                        " `explanation:<name>`, ...",
                        "parameters": [
                            _parameter("model", {"type": "string", "maxLength": 128}),
                            _parameter("kind", {"type": "string", "enum": list(KINDS)}),
                        ],
                        "requestBody": _body(ARROW, {"type": "string", "format": "binary"}),
                        "responses": {
                            **kept,
                            "404": _answer("No such kind of records.", PROBLEM, problem),
                        },
                    }
                },
                "/v1/access": _read("getAccess", "What the caller may do", access, problem),
                "/v1/session": _session(sign_in, access, problem),
                PICTURE: _picture(problem),
                "/metrics": _metrics(problem),
                "/healthz": _asked("getHealth", "The process lives", status, problem),
                "/readyz": _asked("getReadiness", "The store answers too", status, problem),
            },
            "components": {
                "schemas": schemas,
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _answers(acknowledgement: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    found = {str(code): _answer(why, PROBLEM, problem) for code, why in _PROBLEMS.items()}
    return {"200": _answer("All but `rejected` is durable.", JSON, acknowledgement), **found}


def _read(
    name: str, summary: str, schema: dict[str, Any], problem: dict[str, Any]
) -> dict[str, Any]:
    refused = {str(code): _answer(why, PROBLEM, problem) for code, why in _REFUSALS.items()}
    answers = {"200": _answer("As asked for.", JSON, schema), **refused}
    return {"get": {"operationId": name, "summary": summary, "responses": answers}}


def _metrics(problem: dict[str, Any]) -> dict[str, Any]:
    found = _read("getMetrics", "For Prometheus", {"type": "string"}, problem)
    answer = found["get"]["responses"]["200"]
    answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
    return found


def _picture(problem: dict[str, Any]) -> dict[str, Any]:
    found = _read("getPicture", "The picture of an incident", {"type": "string"}, problem)
    answers = found["get"]["responses"]
    answers["200"]["content"] = {PNG: {"schema": {"type": "string", "format": "binary"}}}
    answers["404"] = _answer("No such incident, or nothing to draw of it.", PROBLEM, problem)
    text = {"schema": {"type": "string"}, "in": "query", "required": False}
    found["get"]["parameters"] = [
        _parameter("id", {"type": "string"}),
        {"name": "project", **text},
        {"name": "token", **text},
    ]
    return found


def _session(
    sign_in: dict[str, Any], access: dict[str, Any], problem: dict[str, Any]
) -> dict[str, Any]:
    refused = {str(code): _answer(why, PROBLEM, problem) for code, why in _SENT.items()}
    return {
        "post": {
            "operationId": "signIn",
            "summary": "Open a session with a key, for a browser",
            "security": [],
            "requestBody": _body(JSON, sign_in),
            "responses": {"200": _answer("The cookie is set.", JSON, access), **refused},
        },
        "delete": {
            "operationId": "signOut",
            "summary": "End the session",
            "responses": {"204": {"description": "There is none now."}, **refused},
        },
    }


def _paths(
    endpoints: Sequence[Endpoint[Any, Any]],
    references: dict[Any, dict[str, Any]],
    schemas: dict[str, Any],
    problem: dict[str, Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for endpoint in endpoints:
        refusals = _ASKED if endpoint.body is None else _SENT
        refusals = refusals | dict(endpoint.also or {})
        answers = {str(code): _answer(why, PROBLEM, problem) for code, why in refusals.items()}
        answers["200"] = _answer("As asked.", JSON, references[endpoint.answer])
        operation: dict[str, Any] = {
            "operationId": endpoint.operation,
            "summary": endpoint.summary,
            "parameters": [
                *(_parameter(name, {"type": "string"}) for name in _IN_PATH.findall(endpoint.path)),
                *_query_parameters(schemas[endpoint.query.__name__]),
            ],
            "responses": answers,
        }
        if endpoint.body is not None:
            operation["requestBody"] = _body(JSON, references[endpoint.body])
        found.setdefault(_IN_PATH.sub(r"{\1}", endpoint.path), {})[endpoint.method.lower()] = (
            operation
        )
    return found


def _query_parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": one}
        for name, one in schema["properties"].items()
    ]


def _asked(
    name: str, summary: str, status: dict[str, Any], problem: dict[str, Any]
) -> dict[str, Any]:
    answers = {
        "200": _answer("Yes.", JSON, status),
        "503": _answer("Not now.", PROBLEM, problem),
    }
    asked = {"operationId": name, "summary": summary, "security": [], "responses": answers}
    return {"get": asked}


def _answer(description: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema}}}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _plain(docstring: str) -> str:
    """Return the part of a docstring that is prose."""
    prose = docstring.partition("Attributes\n")[0]
    return " ".join(prose.replace("``", "`").split())
