"""Rotation by a Lambda function: its four steps, and the version labels."""

import asyncio
import logging
import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sandbox.cognito.wire import AwsServiceError, JsonObject, build_json_response, parse_json_object
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler
from sandbox.secretsmanager.versions import (
    CURRENT_LABEL,
    PENDING_LABEL,
    EngineSecrets,
    SecretRecord,
    find_labelled,
    has_value,
    remove_label,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

_DAY_SECONDS = 86_400
_RATE = re.compile(r"rate\((?P<count>\d+) (?P<unit>hour|day)s?\)")
_WRITE_OPERATIONS = frozenset({"PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"})
_WHOLE_ARN = re.compile(r"arn:.*-[A-Za-z0-9]{6}")
_WRITTEN_AT_KEY = "_WrittenAt"
_NOT_FINISHED_MESSAGE = "A previous rotation isn't complete. That rotation will be reattempted."
_OK = 200

_log = logging.getLogger(__name__)


class LambdaFunctions(Protocol):
    """Interface to the Lambda functions."""

    def allows_service(self, account: str, region: str, function_arn: str, service: str) -> bool:
        """Return whether a function's policy lets a service invoke it."""
        ...

    def invoke_function(self, account: str, region: str, function_arn: str, event: JsonObject) -> str:
        """Run a function. Return its error, or an empty string if it succeeded."""
        ...


class Rotations:
    """Rotates secrets.

    Secrets Manager retries a failed rotation at times that are not documented. Here, only another call to
    ``RotateSecret`` retries it. The schedule is stored and returned, but never starts a rotation.

    Parameters
    ----------
    functions
        The Lambda functions.
    clock
        Seconds since the epoch.

    Attributes
    ----------
    replicating_seconds
        Time after a change for which a secret's replicas are reported as in progress. They have the change at once.

    """

    def __init__(self, functions: LambdaFunctions, *, clock: Callable[[], float]) -> None:
        self.replicating_seconds = 2.0
        self._functions = functions
        self._clock = clock
        self._secrets = EngineSecrets()
        self._running: set[asyncio.Task[None]] = set()
        self._rotating_arns: set[str] = set()

    async def intercept(self, request: EndpointRequest, next_handler: RequestHandler) -> EndpointResponse:
        """Answer a call to Secrets Manager. ``next_handler`` is the engine."""
        document = parse_json_object(request)
        try:
            self._reject_whole_arn_of_no_secret(request, str(document.get("SecretId", "")))
            match request.operation:
                case "RotateSecret":
                    return await self._rotate(request, document, next_handler)
                case "CancelRotateSecret":
                    return self._cancel_rotation(request, document)
                case "DescribeSecret":
                    return self._describe(request, document, await next_handler(request))
                case "GetSecretValue":
                    return self._reject_missing_value(await next_handler(request), document)
                case "PutSecretValue":
                    self._reject_conflicting_put(request, document)
                    return self._record_write(request, document, await next_handler(request))
                case operation if operation in _WRITE_OPERATIONS:
                    return self._record_write(request, document, await next_handler(request))
                case _:
                    return await next_handler(request)
        except AwsServiceError as refusal:
            return refusal.to_response()

    def _reject_whole_arn_of_no_secret(self, request: EndpointRequest, secret_id: str) -> None:
        """Reject a partial ARN that looks whole: its name ends in a hyphen and six characters (user guide)."""
        if not _WHOLE_ARN.fullmatch(secret_id):
            return
        secret = self._secrets.find_any(request.account, request.region, secret_id)
        if secret is not None and secret["ARN"] != secret_id:
            raise AwsServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")

    def enable(self, account: str, region: str, document: JsonObject) -> SecretRecord:
        """Enable rotation, as ``RotateSecret`` does before it rotates.

        Raises
        ------
        AwsServiceError
            If the function cannot rotate the secret.

        """
        secret = self._secrets.find_rotatable(account, region, document.get("SecretId", ""))
        if secret is None:
            raise AwsServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        function_arn = document.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        if not function_arn:
            raise AwsServiceError(
                "InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."
            )
        if not self._functions.allows_service(account, region, function_arn, "secretsmanager.amazonaws.com"):
            raise AwsServiceError(
                "AccessDeniedException",
                f"Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
                f"access to the principal secretsmanager.amazonaws.com: {function_arn}",
            )
        rules = document.get("RotationRules") or secret.get("RotationRules") or {"AutomaticallyAfterDays": 30}
        secret |= {"RotationLambdaARN": function_arn, "RotationRules": rules, "RotationEnabled": True}
        secret["_NextRotationDate"] = self._clock() + _parse_interval_seconds(rules)
        return secret

    def disable(self, account: str, region: str, secret_id: str) -> SecretRecord | None:
        """Disable rotation, and return the secret, or None if there is none."""
        secret = self._secrets.find_rotatable(account, region, secret_id)
        if secret is not None:
            secret["RotationEnabled"] = False
        return secret

    async def wait_until_idle(self) -> None:
        """Wait until no rotation runs."""
        await asyncio.gather(*self._running)

    async def _rotate(
        self, request: EndpointRequest, document: JsonObject, next_handler: RequestHandler
    ) -> EndpointResponse:
        if self._secrets.find_rotatable(request.account, request.region, document.get("SecretId", "")) is None:
            return await next_handler(request)  # the engine returns the error
        secret = self.enable(request.account, request.region, document)
        pending = find_labelled(secret, PENDING_LABEL)
        if pending is not None and pending != find_labelled(secret, CURRENT_LABEL):
            self._start_rotation(request, secret, pending)
            raise AwsServiceError("InvalidRequestException", _NOT_FINISHED_MESSAGE)
        version = str(document.get("ClientRequestToken") or uuid.uuid4())
        answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
        if document.get("RotateImmediately", True):
            self._add_pending_version(secret, version, value=None)
            self._start_rotation(request, secret, version)
            return build_json_response(answer | {"VersionId": version})
        current = secret["Versions"][find_labelled(secret, CURRENT_LABEL)]
        self._add_pending_version(secret, version, value=current["SecretString"])
        self._start_task(self._run_validation(request, secret, version))
        return build_json_response(answer)

    def _add_pending_version(self, secret: SecretRecord, version: str, *, value: str | None) -> None:
        remove_label(secret, PENDING_LABEL)
        secret["Versions"][version] = {
            "SecretString": value,
            "SecretBinary": None,
            "CreatedDate": int(self._clock()),
            "Stages": [PENDING_LABEL],
        }

    def _start_rotation(self, request: EndpointRequest, secret: SecretRecord, version: str) -> None:
        if secret["ARN"] not in self._rotating_arns:
            self._rotating_arns.add(secret["ARN"])
            self._start_task(self._run_rotation(request, secret, version))

    def _start_task(self, rotation: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(rotation)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_rotation(self, request: EndpointRequest, secret: SecretRecord, version: str) -> None:
        try:
            await self._run_steps(request, secret, version)
        finally:
            self._rotating_arns.discard(secret["ARN"])

    async def _run_steps(self, request: EndpointRequest, secret: SecretRecord, version: str) -> None:
        for step in STEPS:
            if failure := await self._invoke_step(request, secret, step, version):
                _log.warning("Rotation of %s: %s failed: %s", secret["Name"], step, failure)
                return
        if find_labelled(secret, CURRENT_LABEL) != version:
            _log.warning("Rotation of %s: after all steps %s is not %s", secret["Name"], version, CURRENT_LABEL)
            return
        remove_label(secret, PENDING_LABEL)
        secret["_LastRotatedDate"] = self._clock()
        secret["_NextRotationDate"] = self._clock() + _parse_interval_seconds(secret["RotationRules"])
        self._secrets.sync_replicas(request.account, request.region, secret)

    async def _run_validation(self, request: EndpointRequest, secret: SecretRecord, version: str) -> None:
        """Test the function with a temporary version (API reference). The version's value is inferred."""
        await self._invoke_step(request, secret, "testSecret", version)
        if find_labelled(secret, PENDING_LABEL) == version:
            remove_label(secret, PENDING_LABEL)

    async def _invoke_step(self, request: EndpointRequest, secret: SecretRecord, step: str, version: str) -> str:
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": version}
        where = (request.account, request.region, secret["RotationLambdaARN"])
        return await asyncio.to_thread(self._functions.invoke_function, *where, event)

    def _cancel_rotation(self, request: EndpointRequest, document: JsonObject) -> EndpointResponse:
        secret = self.disable(request.account, request.region, document.get("SecretId", ""))
        if secret is None:
            raise AwsServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        version = find_labelled(secret, PENDING_LABEL)
        return build_json_response(
            {"ARN": secret["ARN"], "Name": secret["Name"]} | ({"VersionId": version} if version else {})
        )

    def _record_write(
        self, request: EndpointRequest, document: JsonObject, response: EndpointResponse
    ) -> EndpointResponse:
        secret = self._secrets.find_any(request.account, request.region, document.get("SecretId", ""))
        if response.status == _OK and secret is not None:
            secret[_WRITTEN_AT_KEY] = self._clock()
        return response

    def _describe(self, request: EndpointRequest, document: JsonObject, response: EndpointResponse) -> EndpointResponse:
        secret = self._secrets.find_any(request.account, request.region, document.get("SecretId", ""))
        if response.status != _OK or secret is None:
            return response
        description = parse_json_object(response)
        if _WRITTEN_AT_KEY in secret and self._clock() < secret[_WRITTEN_AT_KEY] + self.replicating_seconds:
            on_their_way = {"Status": "InProgress", "StatusMessage": ""}
            description |= {
                "ReplicationStatus": [status | on_their_way for status in description.get("ReplicationStatus", ())]
            }
        if secret.get("RotationEnabled"):
            moments = ("LastRotatedDate", "NextRotationDate")
            description |= {name: secret[f"_{name}"] for name in moments if f"_{name}" in secret}
        return build_json_response(description)

    def _reject_missing_value(self, response: EndpointResponse, document: JsonObject) -> EndpointResponse:
        """Reject a read of a version without a value, which the engine would return."""
        if response.status == _OK and not {"SecretString", "SecretBinary"} & parse_json_object(response).keys():
            version = document.get("VersionId") or document.get("VersionStage", CURRENT_LABEL)
            raise AwsServiceError(
                "ResourceNotFoundException",
                f"Secrets Manager can't find the specified secret value for VersionId: {version}",
            )
        return response

    def _reject_conflicting_put(self, request: EndpointRequest, document: JsonObject) -> None:
        """Reject another value for a version that has one, and remove moved labels from other versions."""
        secret = self._secrets.find_rotatable(request.account, request.region, document.get("SecretId", ""))
        if secret is None:
            return
        token = document.get("ClientRequestToken", "")
        version = secret["Versions"].get(token)
        if version and has_value(version) and version.get("SecretString") != document.get("SecretString"):
            raise AwsServiceError(
                "ResourceExistsException",
                f"You can't use ClientRequestToken {token} because that value is already in use for a version of "
                f"secret {secret['ARN']}.",
            )
        if PENDING_LABEL in document.get("VersionStages", ()) and find_labelled(secret, PENDING_LABEL) != token:
            remove_label(secret, PENDING_LABEL)


def _parse_interval_seconds(rules: JsonObject) -> float:
    if found := _RATE.fullmatch(rules.get("ScheduleExpression", "")):
        return int(found["count"]) * (_DAY_SECONDS if found["unit"] == "day" else 3600)
    return float(rules.get("AutomaticallyAfterDays", 30)) * _DAY_SECONDS
