"""Rotation by a Lambda function: the four steps in order, and what becomes of the labels."""

import asyncio
import logging
import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sandbox.cognito.wire import Document, Refusal, answer, document_of
from sandbox.exchange import Handler, Request, Response
from sandbox.secretsmanager.versions import CURRENT, PENDING, Held, Secrets, has_value, labelled, take

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

_DAY_SECONDS = 86_400
_RATE = re.compile(r"rate\((?P<count>\d+) (?P<unit>hour|day)s?\)")
_WRITING = frozenset({"PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"})
_WRITTEN_AT = "_WrittenAt"
_NOT_FINISHED = "A previous rotation isn't complete. That rotation will be reattempted."
_OK = 200

_log = logging.getLogger(__name__)


class Functions(Protocol):
    """The Lambda functions."""

    def lets_in(self, account: str, region: str, function_arn: str, service: str) -> bool:
        """Tell whether a function's policy lets a service invoke it."""
        ...

    def invoke(self, account: str, region: str, function_arn: str, event: Document) -> str:
        """Run a function, and return what it failed with; empty if it didn't."""
        ...


class Rotations:
    """Rotates secrets.

    Secrets Manager tries a rotation that fails again by itself, at times that it doesn't tell. Here it is tried again
    when ``RotateSecret`` is called again. The schedule is kept and shown, and never comes.

    Parameters
    ----------
    functions
        The Lambda functions.
    clock
        Seconds since the epoch.

    Attributes
    ----------
    replicating_seconds
        For how long after a change of a secret its replicas are said to be on their way to it. They have it at once.

    """

    def __init__(self, functions: Functions, *, clock: Callable[[], float]) -> None:
        self.replicating_seconds = 2.0
        self._functions = functions
        self._clock = clock
        self._secrets = Secrets()
        self._running: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()

    async def intercept(self, request: Request, next_handler: Handler) -> Response:
        """Answer a call to Secrets Manager; ``next_handler`` is the engine."""
        document = document_of(request)
        try:
            match request.operation:
                case "RotateSecret":
                    return await self._rotate(request, document, next_handler)
                case "CancelRotateSecret":
                    return self._cancel(request, document)
                case "DescribeSecret":
                    return self._described(request, document, await next_handler(request))
                case "GetSecretValue":
                    return self._read(await next_handler(request), document)
                case "PutSecretValue":
                    self._check_put(request, document)
                    return self._written(request, document, await next_handler(request))
                case operation if operation in _WRITING:
                    return self._written(request, document, await next_handler(request))
                case _:
                    return await next_handler(request)
        except Refusal as refusal:
            return refusal.response()

    def schedule(self, account: str, region: str, document: Document) -> Held:
        """Switch rotation on, as ``RotateSecret`` does before it rotates.

        Raises
        ------
        Refusal
            Where that secret can't be rotated by that function.

        """
        secret = self._secrets.get(account, region, document.get("SecretId", ""))
        if secret is None:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        function_arn = document.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        if not function_arn:
            raise Refusal("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
        if not self._functions.lets_in(account, region, function_arn, "secretsmanager.amazonaws.com"):
            raise Refusal(
                "AccessDeniedException",
                f"Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
                f"access to the principal secretsmanager.amazonaws.com: {function_arn}",
            )
        rules = document.get("RotationRules") or secret.get("RotationRules") or {"AutomaticallyAfterDays": 30}
        secret |= {"RotationLambdaARN": function_arn, "RotationRules": rules, "RotationEnabled": True}
        secret["_NextRotationDate"] = self._clock() + _interval_seconds(rules)
        return secret

    def unschedule(self, account: str, region: str, secret_id: str) -> Held | None:
        """Switch rotation off, and return the secret; None if there is none."""
        secret = self._secrets.get(account, region, secret_id)
        if secret is not None:
            secret["RotationEnabled"] = False
        return secret

    async def settle(self) -> None:
        """Wait until no rotation is under way."""
        await asyncio.gather(*self._running)

    async def _rotate(self, request: Request, document: Document, next_handler: Handler) -> Response:
        if self._secrets.get(request.account, request.region, document.get("SecretId", "")) is None:
            return await next_handler(request)  # which says why not
        secret = self.schedule(request.account, request.region, document)
        pending = labelled(secret, PENDING)
        if pending is not None and pending != labelled(secret, CURRENT):
            self._begin(request, secret, pending)
            raise Refusal("InvalidRequestException", _NOT_FINISHED)
        version = str(document.get("ClientRequestToken") or uuid.uuid4())
        answered = {"ARN": secret["ARN"], "Name": secret["Name"]}
        if document.get("RotateImmediately", True):
            self._put_pending(secret, version, value=None)
            self._begin(request, secret, version)
            return answer(answered | {"VersionId": version})
        current = secret["Versions"][labelled(secret, CURRENT)]
        self._put_pending(secret, version, value=current["SecretString"])
        self._spawn(self._try_out(request, secret, version))
        return answer(answered)

    def _put_pending(self, secret: Held, version: str, *, value: str | None) -> None:
        take(secret, PENDING)
        secret["Versions"][version] = {
            "SecretString": value,
            "SecretBinary": None,
            "CreatedDate": int(self._clock()),
            "Stages": [PENDING],
        }

    def _begin(self, request: Request, secret: Held, version: str) -> None:
        if secret["ARN"] not in self._under_way:
            self._under_way.add(secret["ARN"])
            self._spawn(self._steps(request, secret, version))

    def _spawn(self, rotating: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(rotating)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _steps(self, request: Request, secret: Held, version: str) -> None:
        try:
            await self._make_steps(request, secret, version)
        finally:
            self._under_way.discard(secret["ARN"])

    async def _make_steps(self, request: Request, secret: Held, version: str) -> None:
        for step in STEPS:
            if failure := await self._invoke(request, secret, step, version):
                _log.warning("Rotation of %s: %s failed: %s", secret["Name"], step, failure)
                return
        if labelled(secret, CURRENT) != version:
            _log.warning("Rotation of %s: after all steps %s is not %s", secret["Name"], version, CURRENT)
            return
        take(secret, PENDING)
        secret["_LastRotatedDate"] = self._clock()
        secret["_NextRotationDate"] = self._clock() + _interval_seconds(secret["RotationRules"])
        self._secrets.replicate(request.account, request.region, secret)

    async def _try_out(self, request: Request, secret: Held, version: str) -> None:
        """Try the function with a version that is taken away again (API reference); its value is inferred."""
        await self._invoke(request, secret, "testSecret", version)
        if labelled(secret, PENDING) == version:
            take(secret, PENDING)

    async def _invoke(self, request: Request, secret: Held, step: str, version: str) -> str:
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": version}
        where = (request.account, request.region, secret["RotationLambdaARN"])
        return await asyncio.to_thread(self._functions.invoke, *where, event)

    def _cancel(self, request: Request, document: Document) -> Response:
        secret = self.unschedule(request.account, request.region, document.get("SecretId", ""))
        if secret is None:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        version = labelled(secret, PENDING)
        return answer({"ARN": secret["ARN"], "Name": secret["Name"]} | ({"VersionId": version} if version else {}))

    def _written(self, request: Request, document: Document, response: Response) -> Response:
        secret = self._secrets.any(request.account, request.region, document.get("SecretId", ""))
        if response.status == _OK and secret is not None:
            secret[_WRITTEN_AT] = self._clock()
        return response

    def _described(self, request: Request, document: Document, response: Response) -> Response:
        secret = self._secrets.any(request.account, request.region, document.get("SecretId", ""))
        if response.status != _OK or secret is None:
            return response
        shown = document_of(response)
        if _WRITTEN_AT in secret and self._clock() < secret[_WRITTEN_AT] + self.replicating_seconds:
            on_their_way = {"Status": "InProgress", "StatusMessage": ""}
            shown |= {"ReplicationStatus": [each | on_their_way for each in shown.get("ReplicationStatus", ())]}
        if secret.get("RotationEnabled"):
            moments = ("LastRotatedDate", "NextRotationDate")
            shown |= {name: secret[f"_{name}"] for name in moments if f"_{name}" in secret}
        return answer(shown)

    def _read(self, response: Response, document: Document) -> Response:
        """Find no value where none has been put: the engine would show a version without one."""
        if response.status == _OK and not {"SecretString", "SecretBinary"} & document_of(response).keys():
            version = document.get("VersionId") or document.get("VersionStage", CURRENT)
            raise Refusal(
                "ResourceNotFoundException",
                f"Secrets Manager can't find the specified secret value for VersionId: {version}",
            )
        return response

    def _check_put(self, request: Request, document: Document) -> None:
        """Refuse another value for a version that has one, and let a label be on one version only."""
        secret = self._secrets.get(request.account, request.region, document.get("SecretId", ""))
        if secret is None:
            return
        token = document.get("ClientRequestToken", "")
        version = secret["Versions"].get(token)
        if version and has_value(version) and version.get("SecretString") != document.get("SecretString"):
            raise Refusal(
                "ResourceExistsException",
                f"You can't use ClientRequestToken {token} because that value is already in use for a version of "
                f"secret {secret['ARN']}.",
            )
        if PENDING in document.get("VersionStages", ()) and labelled(secret, PENDING) != token:
            take(secret, PENDING)


def _interval_seconds(rules: Document) -> float:
    if found := _RATE.fullmatch(rules.get("ScheduleExpression", "")):
        return int(found["count"]) * (_DAY_SECONDS if found["unit"] == "day" else 3600)
    return float(rules.get("AutomaticallyAfterDays", 30)) * _DAY_SECONDS
