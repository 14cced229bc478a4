"""A terminal, a person, and the operator function of an in-memory controller."""

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from click.testing import CliRunner, Result

from failoverctl.cli import cli
from failoverctl.runtime import Runtime
from failoverctl.target import ControllerTarget
from tests.support.controller_harness import ControllerHarness

REGION = "us-east-1"
FUNCTION = "cognito-failover-operator"

type InvokeOutcome = dict[str, Any] | bytes | Exception
type OperatorHandler = Callable[[dict[str, Any]], dict[str, Any]]


class StubClientMeta:
    """The metadata of a client."""

    region_name = REGION


class FakeLambda:
    """Lambda with one function. Queued outcomes come first, then the function's own answers."""

    meta = StubClientMeta()

    def __init__(self, function: OperatorHandler) -> None:
        self.handler = function
        self.queued_outcomes: list[InvokeOutcome] = []
        self.invoked_names: list[str] = []
        self.events: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - the service's names
        event = json.loads(Payload)
        self.invoked_names.append(FunctionName)
        self.events.append(event)
        outcome = self.queued_outcomes.pop(0) if self.queued_outcomes else self.handler(event)
        if isinstance(outcome, Exception):
            raise outcome
        payload = outcome if isinstance(outcome, bytes) else json.dumps(outcome).encode()
        failed = isinstance(outcome, dict) and "errorMessage" in outcome
        return {"Payload": io.BytesIO(payload)} | ({"FunctionError": "Unhandled"} if failed else {})


class FakeCloudFormation:
    """CloudFormation with the controller's stack."""

    meta = StubClientMeta()

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.outputs: dict[str, str] = {"OperatorFunctionName": FUNCTION}
        self.requested_names: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the service's names
        self.requested_names.append(StackName)
        if self.error:
            raise self.error
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}


class CliHarness:
    """Runs the command line against an in-memory controller.

    Attributes
    ----------
    world
        The controller and its environment.
    is_terminal
        Whether a person can be asked.
    environment
        Environment variables for the command.
    runtime_overrides
        Fields of `Runtime` to replace.
    on_sleep
        Called when the command sleeps. By default the controller makes a round.

    """

    def __init__(self, world: ControllerHarness | None = None, *, terminal: bool = False) -> None:
        self.world = world or ControllerHarness().settle()
        self.is_terminal = terminal
        self.environment: dict[str, str] = {}
        # With no time left the function only accepts the request; the controller's rounds do the rest.
        self.functions = FakeLambda(self._answer)
        self.stacks = FakeCloudFormation()
        self.services: dict[str, Any] = {"lambda": self.functions, "cloudformation": self.stacks}
        self.client: Callable[[ControllerTarget, str], Any] = self._client
        self.targets: list[ControllerTarget] = []
        self.slept: list[float] = []
        self.runtime_overrides: dict[str, Any] = {}
        self.on_sleep: Callable[[], object] = self.world.run

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.world.handle(event, lambda: 0.0)

    def _client(self, target: ControllerTarget, service: str) -> Any:
        self.targets.append(target)
        return self.services[service]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()

    def run(self, *arguments: str, types: str = "") -> Result:
        """Run the command line. ``types`` is the person's input."""
        runtime = Runtime(
            create_client=self.client,
            now=lambda: datetime.fromtimestamp(self.world.clock.now, UTC),
            sleep=self.sleep,
            is_terminal=lambda: self.is_terminal,
            get_username=lambda: "aiko",
            **self.runtime_overrides,
        )
        return CliRunner().invoke(
            cli,
            arguments,
            input=types,
            obj=runtime,
            env={"XDG_CONFIG_HOME": "/nonexistent", "COLUMNS": "80", "NO_COLOR": "1"} | self.environment,
            prog_name="failoverctl",
            catch_exceptions=False,
        )

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests for a change."""
        return [event for event in self.functions.events if event["action"] not in {"status", "history"}]

    def queue_outcomes(self, *outcomes: InvokeOutcome) -> None:
        """Queue outcomes that replace the function's next answers."""
        self.functions.queued_outcomes.extend(outcomes)


def read_output(result: Result) -> dict[str, Any]:
    """Return the JSON object on standard output."""
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def get_max_width(lines: Iterable[str]) -> int:
    """Return the length of the longest line."""
    return max(len(line) for line in lines)
