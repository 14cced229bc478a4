"""A function of the controller's stack, asked as its caller and with nothing of the command's own."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from failoverctl.aws import is_about_permission, is_worth_repeating, meaning
from failoverctl.exits import FailedError, UnreachableError
from failoverctl.place import Place

PAUSES_SECONDS = (2.0, 5.0)
"""Before each repeat of a call that was not answered; as many repeats are made."""

type Answer = dict[str, Any]
type Client = Callable[[Place, str], Any]


class DeployedFunction:
    """One function of one controller.

    Parameters
    ----------
    part
        Which one: its name ends in that, as the stack's output that names it begins with it.
    place
        Where it is.
    client
        Gives the boto3 client of a service there.
    sleep
        Lets seconds pass before a repeat.
    note
        Tells the person what takes its time, a sentence each.

    """

    def __init__(
        self, part: str, place: Place, client: Client, *, sleep: Callable[[float], None], note: Callable[[str], None]
    ) -> None:
        self._part = part
        self._place = place
        self._client = client
        self._sleep = sleep
        self._note = note
        self._invoker: Any = None
        self._function = place.function

    def invoke(self, event: Mapping[str, Any], *, repeats: bool, way_out: str) -> Answer:
        """Invoke it, and return its answer.

        Parameters
        ----------
        event
            What it is invoked with.
        repeats
            Whether to repeat a call that gets no answer; without, one attempt is all.
        way_out
            What to do if there never is one, as a sentence.

        Raises
        ------
        UnreachableError
            If the function can't be found or reached, or never answers.
        FailedError
            If the function fails, or answers with what can't be understood.

        """
        function = self.find()
        trouble = ""
        for pause_seconds in self._pauses(repeats=repeats):
            if trouble:
                self._note(f"{trouble} Asking the same again in {pause_seconds:g} s, which does nothing twice.")
                self._sleep(pause_seconds)
            answer, trouble = self._attempt(function, event)
            if answer is not None:
                return answer
        raise UnreachableError(f"{trouble} {way_out}")

    @staticmethod
    def _pauses(*, repeats: bool) -> Iterator[float]:
        yield 0.0
        if repeats:
            yield from PAUSES_SECONDS

    def _attempt(self, function: str, event: Mapping[str, Any]) -> tuple[Answer | None, str]:
        """Return the answer, or why there was none and there may be one in a moment."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `aws.client`

        try:
            if self._invoker is None:
                self._invoker = self._client(self._place, "lambda")
            response = self._invoker.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            payload = response["Payload"].read()
        except ClientError as error:
            if error.response["Error"].get("Code") == "ResourceNotFoundException":
                raise UnreachableError(
                    f"There is no function {function} in {self._invoker.meta.region_name}. Give --region the standby "
                    f"Region, and --stack the controller's stack there."
                ) from None
            if is_worth_repeating(error):
                return None, meaning(error)
            raise UnreachableError(meaning(error)) from None
        except BotoCoreError as error:
            if is_worth_repeating(error):
                return None, meaning(error)
            raise UnreachableError(meaning(error)) from None
        return _understood(payload, failed="FunctionError" in response, function=function)

    def find(self) -> str:
        """Return the function's name or ARN, looked up once.

        Raises
        ------
        UnreachableError
            If there is no such stack, or nobody to ask.

        """
        if not self._function:
            self._function = self._looked_up()
        return self._function

    def _looked_up(self) -> str:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `aws.client`

        stack = self._place.stack
        stacks = self._client(self._place, "cloudformation")
        region = stacks.meta.region_name
        try:
            found = stacks.describe_stacks(StackName=stack)["Stacks"]
        except (ClientError, BotoCoreError) as error:
            if _says_that_there_is_none(error):
                raise UnreachableError(
                    f"There is no stack {stack} in {region}. Give --stack its name, and --region the standby Region."
                ) from None
            if not is_worth_repeating(error) and not is_about_permission(error):
                raise UnreachableError(meaning(error)) from None
            # One service less is needed in an outage, and one permission less: the template gives this name.
            guess = f"{stack}-{self._part}"
            self._note(f"The stack {stack} can't be looked up: {meaning(error)} Trying the function {guess}.")
            return guess
        outputs = {output["OutputKey"]: str(output["OutputValue"]) for output in found[0].get("Outputs", [])}
        output = f"{self._part.capitalize()}FunctionName"
        if output not in outputs:
            status = found[0].get("StackStatus", "of an unknown status")
            raise UnreachableError(
                f"The stack {stack} in {region} has no output {output} ({status}): it isn't the controller's, or isn't "
                f"finished. Give --stack the controller's stack, or --function the function."
            )
        return outputs[output]


def _says_that_there_is_none(error: Exception) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - see `aws.client`

    return isinstance(error, ClientError) and (
        error.response["Error"].get("Code") == "ValidationError"
        and "does not exist" in error.response["Error"].get("Message", "")
    )


def _understood(payload: bytes, *, failed: bool, function: str) -> tuple[Answer | None, str]:
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if failed:
        told = answer if isinstance(answer, dict) else {}
        message = str(told.get("errorMessage", "it said nothing"))
        if "Task timed out" in message:
            return None, f"The function {function} was cut off ({message})."
        kind = told.get("errorType", "an error")
        raise FailedError(
            f"The function {function} failed with {kind}: {message.rstrip('.')}. Its log is "
            f"/aws/lambda/{_name(function)}. If users can't wait, break_glass.py moves them without it."
        )
    if not isinstance(answer, dict) or not isinstance(answer.get("done"), bool):
        raise FailedError(
            f"The function {function} gave an answer that no function of this stack gives; is it another one?"
        )
    return answer, ""


def _name(function: str) -> str:
    """Return a function's name, which is in its ARN at the seventh place."""
    parts = function.split(":")
    return parts[6] if function.startswith("arn:") and len(parts) > 6 else function  # noqa: PLR2004 - as said
