"""The engine, ministack, in this process: its configuration, its calls, and the sandbox's extensions.

All access to ministack's internals is here or in the modules of single services, such as monitoring.py. One engine per
process: its state lives in its modules.
"""

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlencode

from sandbox.addresses import HTTP_PORT
from sandbox.bucket_resources import BUCKET, BUCKET_POLICY, build_bucket_handlers, build_policy_handlers
from sandbox.change_sets import wrap_resolve_template
from sandbox.http_messages import EndpointRequest, EndpointResponse, Interceptor, RequestHandler
from sandbox.iam_condition_keys import build_condition_keys, build_leading_keys
from sandbox.key_resources import ReplicaKeyResources
from sandbox.listeners import HttpCall
from sandbox.object_access import ObjectAccess
from sandbox.operations import find_operation_name
from sandbox.repeated_deliveries import RepeatedDeliveries
from sandbox.resource_arns import find_resource_arn
from sandbox.schedule_context import replace_context_attributes

ACCOUNT = "123456789012"
"""The default account. Its root has the administrator's credentials."""

SECRET_ACCESS_KEY = "sandbox-administrator"  # noqa: S105 - of an account that exists only on this machine

_SCHEDULE_POLL_SECONDS = 1
"""Interval between searches for due schedules. With the engine's 10 s, a schedule of one minute is often late."""

_UNRESTRICTED_ACTIONS = {"route53:GetCheckerIpRanges"}
"""Actions that need no policy, in addition to the engine's list (Amazon Route 53 API Reference)."""

type _EngineResponse = tuple[int, dict[str, str], bytes]
type _ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[_EngineResponse]]

_current_request: ContextVar[EndpointRequest] = ContextVar("current request")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Configuration of the engine.

    Attributes
    ----------
    folder
        Folder of its state, temporary files and log.
    home_region
        Its default Region.
    address
        The only address that it may name or bind.
    function_environment
        Environment variables of Lambda functions, in addition to their own.

    """

    folder: Path
    home_region: str
    address: str
    function_environment: Mapping[str, str]


def configure_process(config: EngineConfig) -> None:
    """Prepare the process for the engine. Call this before the first Emulator.

    The engine reads its settings from the environment at import, and passes the whole environment to Lambda functions.
    So this function removes the caller's credentials, proxies and endpoints.
    """
    folder = config.folder
    for name in ("state", "s3", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in list(os.environ):
        if name.startswith(("AWS_", "MINISTACK_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ |= {
        "AUTH": "true",
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "BIND_HOST": config.address,
        "GATEWAY_PORT": str(HTTP_PORT),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": config.address,
        "MINISTACK_REGION": config.home_region,
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
        **config.function_environment,
    }
    tempfile.tempdir = str(folder / "tmp")
    logging.basicConfig(
        filename=folder / "engine.log",
        filemode="w",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s [%(name)s] %(message)s",
    )


class Emulator:
    """The running engine."""

    def __init__(self) -> None:
        # Late import: ministack reads the environment that configure_process() prepares.
        from ministack import app  # noqa: PLC0415
        from ministack.core import iam_actions, iam_evaluator, lambda_runtime, responses, router  # noqa: PLC0415
        from ministack.services import dynamodb, eventbridge, lambda_svc, s3, scheduler  # noqa: PLC0415

        self._app: Any = app
        self._responses: Any = responses
        self._router: Any = router
        self._lambda_runtime: Any = lambda_runtime
        self._lambda: Any = lambda_svc
        self._eventbridge: Any = eventbridge
        self._dynamodb: Any = dynamodb
        self._iam_actions: Any = iam_actions
        self._evaluator: Any = iam_evaluator
        self._lifespan = _AsgiLifespan(app.app)
        self._override_region_lookup(router)
        self._add_condition_keys()
        self._add_resource_arns()
        iam_evaluator._ALWAYS_ALLOWED_ACTIONS |= _UNRESTRICTED_ACTIONS  # noqa: SLF001
        s3._apply_bucket_scope = ObjectAccess(s3, router, iam_evaluator)  # noqa: SLF001
        _extend_bucket_resources(s3)
        _extend_change_sets()
        scheduler._SCHEDULE_TICK_INTERVAL = _SCHEDULE_POLL_SECONDS  # noqa: SLF001
        # Lambda's Python sees only its own packages, not those of this process's environment.
        lambda_runtime._detect_runtime_binary = _use_base_interpreter(lambda_runtime._detect_runtime_binary)  # noqa: SLF001

    async def start(self) -> None:
        """Start the engine's schedules and workers."""
        await self._lifespan.start()

    async def stop(self) -> None:
        """Stop all Lambda workers and the engine.

        The workers' unpacked files stay in the sandbox's folder: deleting them worker by worker takes too long.
        """
        self._lambda_runtime.Worker._discard_tmpdir = lambda _worker: None  # noqa: SLF001
        await asyncio.to_thread(self._lambda_runtime.reset)
        await self._lifespan.stop()

    async def handle(self, call: HttpCall, request: EndpointRequest) -> EndpointResponse:
        """Authenticate, authorize and answer a call in the request's Region."""
        _current_request.set(request)
        messages: list[dict[str, Any]] = []
        pending = [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        scope = {**call.scope, "client": (call.source_address, 0)}
        await self._app.app(scope, receive, send)
        return EndpointResponse(
            status=messages[0]["status"],
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in messages[0]["headers"]},
            body=b"".join(message.get("body", b"") for message in messages[1:]),
        )

    def replace_service(self, service: str, handler: RequestHandler) -> None:
        """Replace the engine's service with a handler. The engine still authorizes the calls."""
        self._app.SERVICE_HANDLERS[service] = self._adapt_handler(service, handler)

    def add_service(self, service: str, target_prefix: str, handler: RequestHandler) -> None:
        """Add a service that the engine lacks. The engine authorizes the calls.

        Parameters
        ----------
        service
            The endpoint prefix, which is also the service's name in policies.
        target_prefix
            The prefix of the header ``X-Amz-Target``.

        """
        self._router.SERVICE_PATTERNS[service] = {"target_prefixes": [target_prefix]}
        self._iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
        self.replace_service(service, handler)

    def intercept(self, service: str, interceptor: Interceptor) -> None:
        """Put an interceptor between the engine's authorization and a service."""
        original: _ServiceHandler = self._app.SERVICE_HANDLERS[service]

        async def engine(request: EndpointRequest) -> EndpointResponse:
            with self._responses.request_scope(request.account, request.region):
                query = parse_qs(request.query, keep_blank_values=True)
                status, headers, body = await original(
                    request.method, request.path, dict(request.headers), request.body, query
                )
            return EndpointResponse(status=status, headers=headers, body=body)

        async def handler(request: EndpointRequest) -> EndpointResponse:
            return await interceptor(request, engine)

        self._app.SERVICE_HANDLERS[service] = self._adapt_handler(service, handler)

    def authorize(
        self, request: EndpointRequest, action: str, resource: str, keys: Mapping[str, str] = MappingProxyType({})
    ) -> EndpointResponse | None:
        """Check a further action that a call needs. Return the error response, or None if the policies allow it."""
        headers, query = dict(request.headers), parse_qs(request.query, keep_blank_values=True)
        caller = self._router.extract_access_key_id(headers, query)
        with self._responses.request_scope(request.account, request.region):
            refusal = self._evaluator.enforce(
                caller, action, request.service, request.region, resource_arn=resource, service_context=dict(keys)
            )
        if refusal is None:
            return None
        status, answered, body = self._iam_actions.access_denied_response(
            request.service, action, refusal.principal_arn, "", headers=headers
        )
        return EndpointResponse(status=status, headers=answered, body=body)

    def register_resource_type(
        self, resource_type: str, *, create: Callable[..., Any], update: Callable[..., Any], delete: Callable[..., Any]
    ) -> None:
        """Register the functions with which stacks create, update and delete a type of resource.

        They run in the account and Region of the current request.
        """
        from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - late, as in the constructor

        provisioners._RESOURCE_HANDLERS[resource_type] = {  # noqa: SLF001
            "create": create,
            "update": update,
            "delete": delete,
        }

    def extend_resource_type(
        self, resource_type: str, extend: Callable[[Mapping[str, Callable[..., Any]]], Any]
    ) -> None:
        """Replace the engine's handlers of a type of resource with extended ones."""
        from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - late, as in the constructor

        handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001
        handlers[resource_type] = extend(handlers[resource_type])

    def build_replica_key_resources(self) -> ReplicaKeyResources:
        """Return the handlers of replica keys in stacks."""
        from ministack.services import kms  # noqa: PLC0415 - late, as in the constructor

        return ReplicaKeyResources(kms=kms, use_scope=self._responses.request_scope, get_scope=self.get_current_scope)

    def get_current_scope(self) -> tuple[str, str]:
        """Return the account and the Region of the current request."""
        return self._responses.get_account_id(), self._responses.get_region()

    def restrict_to_regions(
        self, is_region_alive: Callable[[str], bool], *, is_delivering_twice: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Run Lambda functions and schedules only in Regions that are alive.

        Parameters
        ----------
        is_region_alive
            Returns whether a Region is alive.
        is_delivering_twice
            Returns whether a Region's Lambda gets each scheduled event twice, with the same request id.

        """
        execute = self._lambda._execute_function  # noqa: SLF001
        fire = self._eventbridge._invoke_target  # noqa: SLF001
        deliveries = RepeatedDeliveries(self._lambda.new_uuid)
        self._lambda.new_uuid = deliveries.create_id

        def execute_if_alive(func: dict[str, Any], event: object) -> dict[str, Any]:
            region = _parse_function_region(func)
            if is_region_alive(region):
                with deliveries.use_request_id(_parse_function_name(_get_function_arn(func))):
                    return dict(execute(func, event))
            return {
                "error": True,
                "body": {"errorType": "RegionDead", "errorMessage": f"the Region {region} is dead"},
            }

        def fire_if_alive(target: dict[str, Any], event: dict[str, Any], *rest: object) -> object:
            if not is_region_alive(self._responses.get_region()):
                return None
            delivered = replace_context_attributes(target, event)
            if is_delivering_twice(self._responses.get_region()) and ":lambda:" in str(target.get("Arn")):
                deliveries.expect(_parse_function_name(target["Arn"]))
                fire(delivered, event, *rest)
            return fire(delivered, event, *rest)

        self._lambda._execute_function = execute_if_alive  # noqa: SLF001
        self._eventbridge._invoke_target = fire_if_alive  # noqa: SLF001

    def allows_service(self, account: str, region: str, function_arn: str, service: str) -> bool:
        """Return whether a Lambda function's policy lets a service invoke it. Conditions are ignored."""
        name = _parse_function_name(function_arn)
        with self._responses.request_scope(account, region):
            function = self._lambda._functions.get(name)  # noqa: SLF001 - the engine has no public function
        statements = function["policy"]["Statement"] if function else ()
        return any(statement["Principal"] == {"Service": service} for statement in statements)

    def invoke_function(self, account: str, region: str, function_arn: str, event: dict[str, Any]) -> str:
        """Run a Lambda function for a service. Return its error, or an empty string if it succeeded."""
        with self._responses.request_scope(account, region):
            function = self._lambda._functions.get(_parse_function_name(function_arn))  # noqa: SLF001 - as above
            if function is None:
                return "There is no such function."
            result = self._lambda._execute_function(function, event)  # noqa: SLF001 - as above
        return str(result.get("body") or "It failed.") if result.get("error") else ""

    def stop_functions(self, region: str) -> None:
        """Kill all Lambda functions that run in a Region."""
        workers = [
            worker
            for pool in list(self._lambda_runtime._workers.values())  # noqa: SLF001
            for worker in pool
            if _parse_function_region(worker.config) == region
        ]
        self._lambda_runtime.kill_workers(workers)

    def _adapt_handler(self, service: str, handler: RequestHandler) -> _ServiceHandler:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
        ) -> _EngineResponse:
            request = _current_request.get(None)
            if request is None or request.service != service:
                request = self._build_internal_request(service, method, path, headers, body, query)
            response = await handler(replace(request, account=self._responses.get_account_id(), body=body))
            return response.status, dict(response.headers), response.body

        return handle

    def _build_internal_request(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: dict[str, list[str]]
    ) -> EndpointRequest:
        """Build the request of a call that another service makes in this process, such as a state machine."""
        region = self._responses.get_region()
        query_text = urlencode(query, doseq=True)
        operation = find_operation_name(service, method=method, path=path, query=query_text, headers=headers, body=body)
        return EndpointRequest(
            region=region,
            caller_region=region,
            account=self._responses.get_account_id(),
            service=service,
            operation=operation,
            method=method,
            path=path,
            query=query_text,
            headers=headers,
            body=body,
            signed=True,
        )

    def _override_region_lookup(self, router: Any) -> None:
        """Take the Region of a call from its endpoint: an unsigned call does not name one."""
        by_signature = router.extract_region

        def extract_region(headers: dict[str, str], query_params: object = None) -> str:
            request = _current_request.get(None)
            return request.region if request else str(by_signature(headers, query_params))

        router.extract_region = self._app.extract_region = extract_region

    def _add_condition_keys(self) -> None:
        """Add the condition keys that the engine lacks."""
        request_tags = self._iam_actions.request_tag_context
        dynamodb_context = self._iam_actions.dynamodb_service_context

        def with_request_keys(service: str, action: str, body: bytes, params: object) -> dict[str, Any]:
            return {**request_tags(service, action, body, params), **build_condition_keys(action, body)}

        def with_leading_keys(body: bytes) -> dict[str, Any]:
            return {**dynamodb_context(body), **build_leading_keys(body, self._list_partition_keys())}

        self._iam_actions.request_tag_context = with_request_keys
        self._iam_actions.dynamodb_service_context = with_leading_keys

    def _add_resource_arns(self) -> None:
        """Add the resource ARNs that the engine lacks. Without them, only policies with resource ``*`` allow a call."""
        engine = self._iam_actions.extract_resource_arn

        def extract_resource_arn(service: str, method: str, path: str, *rest: object) -> str:
            request = _current_request.get(None)
            return find_resource_arn(service, path, request.body if request else b"") or str(
                engine(service, method, path, *rest)
            )

        self._iam_actions.extract_resource_arn = extract_resource_arn

    def _list_partition_keys(self) -> dict[str, str]:
        return {
            name: next(key["AttributeName"] for key in table["KeySchema"] if key["KeyType"] == "HASH")
            for name, table in self._dynamodb._tables.items()  # noqa: SLF001
        }


def _extend_bucket_resources(s3: Any) -> None:
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - late, as in the constructor

    handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001
    handlers[BUCKET] = build_bucket_handlers(s3, handlers[BUCKET])
    handlers[BUCKET_POLICY] = build_policy_handlers(s3, handlers[BUCKET_POLICY], provisioners._policy_document_json)  # noqa: SLF001


def _extend_change_sets() -> None:
    from ministack.services.cloudformation import changesets, engine  # noqa: PLC0415 - late, as in the constructor

    changesets._resolve_props_for_diff = wrap_resolve_template(  # noqa: SLF001
        changesets._resolve_props_for_diff,  # noqa: SLF001
        engine._evaluate_conditions,  # noqa: SLF001
    )


class _AsgiLifespan:
    """Startup and shutdown of an ASGI application."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async def run() -> None:
            await self._app({"type": "lifespan"}, self._to_app.get, self._from_app.put)

        self._task = asyncio.create_task(run())
        await self._send_event("lifespan.startup")

    async def stop(self) -> None:
        if self._task is None:
            return
        await self._send_event("lifespan.shutdown")
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _send_event(self, event: str) -> None:
        await self._to_app.put({"type": event})
        await self._from_app.get()


def _use_base_interpreter(detect: Callable[[str], tuple[str, str]]) -> Callable[[str], tuple[str, str]]:
    def detect_bare(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (sys._base_executable if runtime.startswith("python") else binary), script  # type: ignore[attr-defined] # noqa: SLF001

    return detect_bare


def _parse_function_name(function_arn: str) -> str:
    return function_arn.split(":")[6] if function_arn.startswith("arn:") else function_arn


def _get_function_arn(func: Mapping[str, Any]) -> str:
    config = func.get("config") or func
    return str(config["FunctionArn"])


def _parse_function_region(func: Mapping[str, Any]) -> str:
    return _get_function_arn(func).split(":")[3]
