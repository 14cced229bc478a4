"""A terminal, a person, and the operator function of a controller in memory."""

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from click.testing import CliRunner, Result

from failoverctl.place import Place
from failoverctl.program import program
from failoverctl.surroundings import Surroundings
from tests.support.world import World

REGION = "us-east-1"
FUNCTION = "cognito-failover-operator"

type Outcome = dict[str, Any] | bytes | Exception
type Function = Callable[[dict[str, Any]], dict[str, Any]]


class Meta:
    """What a client says of itself."""

    region_name = REGION


class Lambda:
    """The service, with one function: what is staged happens first, then the function itself answers."""

    meta = Meta()

    def __init__(self, function: Function) -> None:
        self.function = function
        self.staged: list[Outcome] = []
        self.called: list[str] = []
        self.events: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - the service's names
        event = json.loads(Payload)
        self.called.append(FunctionName)
        self.events.append(event)
        outcome = self.staged.pop(0) if self.staged else self.function(event)
        if isinstance(outcome, Exception):
            raise outcome
        payload = outcome if isinstance(outcome, bytes) else json.dumps(outcome).encode()
        failed = isinstance(outcome, dict) and "errorMessage" in outcome
        return {"Payload": io.BytesIO(payload)} | ({"FunctionError": "Unhandled"} if failed else {})


class CloudFormation:
    """The service, with the controller's stack."""

    meta = Meta()

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.outputs: dict[str, str] = {"OperatorFunctionName": FUNCTION}
        self.asked_for: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the service's names
        self.asked_for.append(StackName)
        if self.error:
            raise self.error
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}


class Stage:
    """Runs the command line against a controller in memory.

    Attributes
    ----------
    world
        The controller and its surroundings.
    terminal
        Whether a person sits there.
    environment
        Variables of the command's own.
    changes
        Surroundings other than the usual.
    on_sleep
        What happens while the command sleeps: the controller makes a round, unless a test knows better.

    """

    def __init__(self, world: World | None = None, *, terminal: bool = False) -> None:
        self.world = world or World().settle()
        self.terminal = terminal
        self.environment: dict[str, str] = {}
        # With no time left the function only accepts: what follows is the controller's rounds.
        self.functions = Lambda(self._answer)
        self.stacks = CloudFormation()
        self.services: dict[str, Any] = {"lambda": self.functions, "cloudformation": self.stacks}
        self.client: Callable[[Place, str], Any] = self._client
        self.places: list[Place] = []
        self.slept: list[float] = []
        self.changes: dict[str, Any] = {}
        self.on_sleep: Callable[[], object] = self.world.run

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.world.handle(event, lambda: 0.0)

    def _client(self, place: Place, service: str) -> Any:
        self.places.append(place)
        return self.services[service]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()

    def run(self, *arguments: str, types: str = "") -> Result:
        """Run the command line; ``types`` is what the person types."""
        surroundings = Surroundings(
            client=self.client,
            now=lambda: datetime.fromtimestamp(self.world.clock.now, UTC),
            sleep=self.sleep,
            is_terminal=lambda: self.terminal,
            person=lambda: "aiko",
            **self.changes,
        )
        return CliRunner().invoke(
            program,
            arguments,
            input=types,
            obj=surroundings,
            env={"XDG_CONFIG_HOME": "/nonexistent", "COLUMNS": "80", "NO_COLOR": "1"} | self.environment,
            prog_name="failoverctl",
            catch_exceptions=False,
        )

    def asked(self) -> list[dict[str, Any]]:
        """Return the requests that changed something, or were to."""
        return [event for event in self.functions.events if event["action"] not in {"status", "history"}]

    def stage(self, *outcomes: Outcome) -> None:
        """Let these happen first, in place of the function's own answers."""
        self.functions.staged.extend(outcomes)


def said(result: Result) -> dict[str, Any]:
    """Return the one JSON object that was said."""
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def widest(lines: Iterable[str]) -> int:
    """Return the length of the longest line."""
    return max(len(line) for line in lines)
