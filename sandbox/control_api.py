"""The control endpoint: faults and settings over HTTP.

``GET /faults``, ``PUT /faults`` (a list that replaces all faults), ``DELETE /faults``;
``GET /faults/{id}``, ``PUT /faults/{id}``, ``DELETE /faults/{id}``;
``GET /settings``, ``PUT /settings`` (the settings to change).
"""

import json
from collections.abc import Callable
from http import HTTPMethod, HTTPStatus
from urllib.parse import unquote

from sandbox.errors import InvalidFieldError
from sandbox.faults import Fault, Faults, to_json
from sandbox.http_messages import EndpointResponse
from sandbox.listeners import CallHandler, HttpCall
from sandbox.settings import DurationSettings


def build_control_endpoint(faults: Faults, get_settings: Callable[[], DurationSettings]) -> CallHandler:
    """Return the handler of the control endpoint. ``get_settings`` is called once per settings request."""

    async def answer(call: HttpCall) -> EndpointResponse:
        path, method = unquote(call.scope["path"]), call.scope["method"]
        try:
            if path.rstrip("/") == "/faults":
                return _handle_faults(faults, method, call.body)
            if path.startswith("/faults/"):
                return _handle_fault(faults, method, path.removeprefix("/faults/"), call.body)
            if path.rstrip("/") == "/settings":
                return _handle_settings(get_settings(), method, call.body)
        except InvalidFieldError as error:
            return _build_json_response(HTTPStatus.BAD_REQUEST, {"error": str(error), "field": error.field})
        except json.JSONDecodeError as error:
            return _build_json_response(
                HTTPStatus.BAD_REQUEST, {"error": f"the body is not JSON: {error}", "field": "body"}
            )
        return _build_json_response(
            HTTPStatus.NOT_FOUND, {"error": f"unknown path {path}; use /faults, /faults/{{id}} or /settings"}
        )

    return answer


def _handle_faults(faults: Faults, method: str, body: bytes) -> EndpointResponse:
    match method:
        case HTTPMethod.GET:
            return _build_json_response(HTTPStatus.OK, _list_faults(faults))
        case HTTPMethod.PUT:
            raw = json.loads(body)
            if not isinstance(raw, list):
                raise InvalidFieldError("faults", "not a list", "a list of faults", '[{"effect": "hang"}]')
            faults.replace([faults.parse(item) for item in raw])
            return _build_json_response(HTTPStatus.OK, _list_faults(faults))
        case HTTPMethod.DELETE:
            return _build_json_response(HTTPStatus.OK, {"cleared": faults.clear()})
        case _:
            return _reject_method(method, "GET, PUT and DELETE")


def _handle_fault(faults: Faults, method: str, fault_id: str, body: bytes) -> EndpointResponse:
    match method:
        case HTTPMethod.PUT:
            fault = faults.parse(json.loads(body), fault_id=fault_id)
            faults.set(fault)
            return _build_json_response(HTTPStatus.OK, to_json(fault))
        case HTTPMethod.GET:
            active = _find_fault(faults, fault_id)
            return (
                _build_unknown_fault_response(faults, fault_id)
                if active is None
                else _build_json_response(HTTPStatus.OK, to_json(active))
            )
        case HTTPMethod.DELETE:
            cleared = faults.clear(fault_id)
            return (
                _build_json_response(HTTPStatus.OK, {"cleared": cleared})
                if cleared
                else _build_unknown_fault_response(faults, fault_id)
            )
        case _:
            return _reject_method(method, "GET, PUT and DELETE")


def _handle_settings(settings: DurationSettings, method: str, body: bytes) -> EndpointResponse:
    match method:
        case HTTPMethod.GET:
            return _build_json_response(HTTPStatus.OK, settings.read())
        case HTTPMethod.PUT:
            settings.change(json.loads(body))
            return _build_json_response(HTTPStatus.OK, settings.read())
        case _:
            return _reject_method(method, "GET and PUT")


def _find_fault(faults: Faults, fault_id: str) -> Fault | None:
    return next((fault for fault in faults.list_active() if fault.id == fault_id), None)


def _list_faults(faults: Faults) -> list[dict[str, object]]:
    return [to_json(fault) for fault in faults.list_active()]


def _build_unknown_fault_response(faults: Faults, fault_id: str) -> EndpointResponse:
    names = ", ".join(fault.id for fault in faults.list_active()) or "none"
    return _build_json_response(HTTPStatus.NOT_FOUND, {"error": f"no fault {fault_id!r}; active faults: {names}"})


def _reject_method(method: str, allowed: str) -> EndpointResponse:
    return _build_json_response(
        HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"method {method} is not allowed; use {allowed}"}
    )


def _build_json_response(status: HTTPStatus, content: object) -> EndpointResponse:
    return EndpointResponse(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(content, indent=2).encode()
    )
