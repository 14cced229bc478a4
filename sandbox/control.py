"""The control endpoint: faults and settings over HTTP.

``GET /faults``, ``PUT /faults`` (a list, in place of all), ``DELETE /faults``;
``GET /faults/{id}``, ``PUT /faults/{id}``, ``DELETE /faults/{id}``;
``GET /settings``, ``PUT /settings`` (those to change).
"""

import json
from collections.abc import Callable
from http import HTTPMethod, HTTPStatus
from urllib.parse import unquote

from sandbox.exchange import Response
from sandbox.faults import Fault, Faults, to_json
from sandbox.invalid import InvalidFieldError
from sandbox.listeners import Call, Endpoint
from sandbox.settings import Settings


def control(faults: Faults, settings: Callable[[], Settings]) -> Endpoint:
    """Return what answers at the control endpoint; ``settings`` are asked for when they are needed."""

    async def answer(call: Call) -> Response:
        path, method = unquote(call.scope["path"]), call.scope["method"]
        try:
            if path.rstrip("/") == "/faults":
                return _all(faults, method, call.body)
            if path.startswith("/faults/"):
                return _one(faults, method, path.removeprefix("/faults/"), call.body)
            if path.rstrip("/") == "/settings":
                return _settings(settings(), method, call.body)
        except InvalidFieldError as error:
            return _says(HTTPStatus.BAD_REQUEST, {"error": str(error), "field": error.field})
        except json.JSONDecodeError as error:
            return _says(HTTPStatus.BAD_REQUEST, {"error": f"the body is no JSON: {error}", "field": "body"})
        return _says(HTTPStatus.NOT_FOUND, {"error": f"{path} is not here; /faults, /faults/{{id}} and /settings are"})

    return answer


def _all(faults: Faults, method: str, body: bytes) -> Response:
    match method:
        case HTTPMethod.GET:
            return _says(HTTPStatus.OK, _shown(faults))
        case HTTPMethod.PUT:
            raw = json.loads(body)
            if not isinstance(raw, list):
                raise InvalidFieldError("faults", "no list", "a list of faults", '[{"effect": "hang"}]')
            faults.replace([faults.parse(item) for item in raw])
            return _says(HTTPStatus.OK, _shown(faults))
        case HTTPMethod.DELETE:
            return _says(HTTPStatus.OK, {"cleared": faults.clear()})
        case _:
            return _not_allowed(method, "GET, PUT and DELETE")


def _one(faults: Faults, method: str, fault_id: str, body: bytes) -> Response:
    match method:
        case HTTPMethod.PUT:
            fault = faults.parse(json.loads(body), fault_id=fault_id)
            faults.set(fault)
            return _says(HTTPStatus.OK, to_json(fault))
        case HTTPMethod.GET:
            found = _find(faults, fault_id)
            return _unknown(faults, fault_id) if found is None else _says(HTTPStatus.OK, to_json(found))
        case HTTPMethod.DELETE:
            cleared = faults.clear(fault_id)
            return _says(HTTPStatus.OK, {"cleared": cleared}) if cleared else _unknown(faults, fault_id)
        case _:
            return _not_allowed(method, "GET, PUT and DELETE")


def _settings(settings: Settings, method: str, body: bytes) -> Response:
    match method:
        case HTTPMethod.GET:
            return _says(HTTPStatus.OK, settings.read())
        case HTTPMethod.PUT:
            settings.change(json.loads(body))
            return _says(HTTPStatus.OK, settings.read())
        case _:
            return _not_allowed(method, "GET and PUT")


def _find(faults: Faults, fault_id: str) -> Fault | None:
    return next((fault for fault in faults.in_force() if fault.id == fault_id), None)


def _shown(faults: Faults) -> list[dict[str, object]]:
    return [to_json(fault) for fault in faults.in_force()]


def _unknown(faults: Faults, fault_id: str) -> Response:
    names = ", ".join(fault.id for fault in faults.in_force()) or "none"
    return _says(HTTPStatus.NOT_FOUND, {"error": f"no fault {fault_id!r}; in force: {names}"})


def _not_allowed(method: str, allowed: str) -> Response:
    return _says(HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"{method}: allowed are {allowed}"})


def _says(status: HTTPStatus, content: object) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(content, indent=2).encode()
    )
