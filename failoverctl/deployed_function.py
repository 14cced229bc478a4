"""Invokes a Lambda function of the controller's stack with the caller's credentials."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cognito_failover.common.text import neutralize
from failoverctl.aws import explain_error, is_access_denied, is_retryable
from failoverctl.exit_codes import AccessDeniedError, FunctionFailedError, UnreachableError
from failoverctl.target import ControllerTarget

RETRY_DELAYS_SECONDS = (2.0, 5.0)
"""Pause before each retry of an unanswered call. The number of entries is the number of retries."""

type FunctionResponse = dict[str, Any]
type ServiceClientFactory = Callable[[ControllerTarget, str], Any]


class DeployedFunction:
    """One function of one controller.

    Parameters
    ----------
    role_name
        The function's role, such as ``operator``: the suffix of its name, and the prefix of its stack output.
    target
        The controller.
    create_client
        Returns the boto3 client of a service for a target.
    sleep
        Waits before a retry, in seconds.
    print_progress
        Shows a progress message to the person.

    """

    def __init__(
        self,
        role_name: str,
        target: ControllerTarget,
        create_client: ServiceClientFactory,
        *,
        sleep: Callable[[float], None],
        print_progress: Callable[[str], None],
    ) -> None:
        self._role_name = role_name
        self._target = target
        self._create_client = create_client
        self._sleep = sleep
        self._print_progress = print_progress
        self._lambda_client: Any = None
        self._function = target.function

    def invoke(self, event: Mapping[str, Any], *, retry: bool, hint: str, fallback_alias: str = "") -> FunctionResponse:
        """Invoke the function, and return its answer.

        Parameters
        ----------
        event
            The event for the function.
        retry
            Whether to retry an unanswered call.
        hint
            A sentence for the error message: what to do if no answer comes.
        fallback_alias
            The alias to invoke from now on if the caller may not invoke the function itself; empty for none.

        Raises
        ------
        UnreachableError
            If the function can't be found or reached, or does not answer.
        FunctionFailedError
            If the function fails, or its answer is malformed.

        """
        try:
            return self._invoke(event, retry=retry, hint=hint)
        except AccessDeniedError:
            function = self.resolve_name()
            if not fallback_alias or function.endswith(f":{fallback_alias}"):
                raise
            self._function = f"{function}:{fallback_alias}"
            return self._invoke(event, retry=retry, hint=hint)

    def _invoke(self, event: Mapping[str, Any], *, retry: bool, hint: str) -> FunctionResponse:
        function = self.resolve_name()
        error_message = ""
        for pause_seconds in self._iterate_retry_delays(retry=retry):
            if error_message:
                self._print_progress(f"{error_message} Retrying in {pause_seconds:g} s (idempotent).")
                self._sleep(pause_seconds)
            answer, error_message = self._invoke_once(function, event)
            if answer is not None:
                return answer
        raise UnreachableError(f"{error_message} {hint}")

    @staticmethod
    def _iterate_retry_delays(*, retry: bool) -> Iterator[float]:
        yield 0.0
        if retry:
            yield from RETRY_DELAYS_SECONDS

    def _invoke_once(self, function: str, event: Mapping[str, Any]) -> tuple[FunctionResponse | None, str]:
        """Return the answer, or None and the reason if a retry may succeed."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `aws.client`

        try:
            if self._lambda_client is None:
                self._lambda_client = self._create_client(self._target, "lambda")
            response = self._lambda_client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            payload = response["Payload"].read()
        except ClientError as error:
            if error.response["Error"].get("Code") == "ResourceNotFoundException":
                region = self._lambda_client.meta.region_name
                raise UnreachableError(
                    f"There is no function {function} in {region}. Give --region the standby Region, and --stack the "
                    f"controller's stack there."
                ) from None
            if is_retryable(error):
                return None, explain_error(error)
            error_type = AccessDeniedError if is_access_denied(error) else UnreachableError
            raise error_type(explain_error(error)) from None
        except BotoCoreError as error:
            if is_retryable(error):
                return None, explain_error(error)
            raise UnreachableError(explain_error(error)) from None
        return _parse_payload(payload, is_error="FunctionError" in response, function=function)

    def resolve_name(self) -> str:
        """Return the function's name or ARN. It is looked up once.

        Raises
        ------
        UnreachableError
            If the stack does not exist or is not the controller's, or the call fails.

        """
        if not self._function:
            self._function = self._look_up_name()
        return self._function

    def _look_up_name(self) -> str:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `aws.client`

        stack = self._target.stack
        cloudformation = self._create_client(self._target, "cloudformation")
        region = cloudformation.meta.region_name
        try:
            described_stacks = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except (ClientError, BotoCoreError) as error:
            if _is_stack_missing(error):
                raise UnreachableError(
                    f"There is no stack {stack} in {region}. Give --stack its name, and --region the standby Region."
                ) from None
            if not is_retryable(error) and not is_access_denied(error):
                raise UnreachableError(explain_error(error)) from None
            # The template gives this name. So an outage of CloudFormation, or a missing permission, does not matter.
            default_name = f"{stack}-{self._role_name}"
            self._print_progress(
                f"The stack {stack} can't be read: {explain_error(error)} Trying the function {default_name}."
            )
            return default_name
        outputs = {output["OutputKey"]: str(output["OutputValue"]) for output in described_stacks[0].get("Outputs", [])}
        output = f"{self._role_name.capitalize()}FunctionName"
        if output not in outputs:
            status = described_stacks[0].get("StackStatus", "status unknown")
            without_preflight = output == "PreflightFunctionName"
            exception = ", or it was deployed with DeployPreflight=false" if without_preflight else ""
            raise UnreachableError(
                f"The stack {stack} in {region} has no output {output} ({status}). It is another stack, or its "
                f"deployment is not finished{exception}. Give --stack the controller's stack, or --function."
            )
        return outputs[output]


def _is_stack_missing(error: Exception) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - see `aws.client`

    return isinstance(error, ClientError) and (
        error.response["Error"].get("Code") == "ValidationError"
        and "does not exist" in error.response["Error"].get("Message", "")
    )


def _parse_payload(payload: bytes, *, is_error: bool, function: str) -> tuple[FunctionResponse | None, str]:
    try:
        answer = _neutralize_texts(json.loads(payload))
    except ValueError:
        answer = None
    if is_error:
        error_fields = answer if isinstance(answer, dict) else {}
        message = str(error_fields.get("errorMessage", "no message"))
        if "Task timed out" in message:
            return None, f"The function {function} timed out ({message})."
        error_type = error_fields.get("errorType", "an error")
        raise FunctionFailedError(
            f"The function {function} failed with {error_type}: {message.rstrip('.')}. Its log is "
            f"/aws/lambda/{_extract_name(function)}. In an emergency, move users without it: scripts/break_glass.py."
        )
    if not isinstance(answer, dict) or not isinstance(answer.get("done"), bool):
        raise FunctionFailedError(
            f"The answer of {function} is not from a function of this stack. Check --function and --stack."
        )
    return answer, ""


def _neutralize_texts(content: Any) -> Any:
    """Return JSON values with safe texts. They quote people, Route 53, Cognito and DNS."""
    match content:
        case str():
            return neutralize(content)
        case list():
            return [_neutralize_texts(each) for each in content]
        case dict():
            return {_neutralize_texts(name): _neutralize_texts(each) for name, each in content.items()}
        case _:
            return content


def _extract_name(function: str) -> str:
    """Return a function's name. In an ARN it is the seventh part."""
    parts = function.split(":")
    return parts[6] if function.startswith("arn:") and len(parts) > 6 else function  # noqa: PLR2004 - the seventh part
