"""Runs ``failoverctl replicate`` against an in-process cloud."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from failoverctl.cli import cli
from failoverctl.replicate.step import StepState
from failoverctl.runtime import Runtime
from failoverctl.target import ControllerTarget
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud

if TYPE_CHECKING:
    from collections.abc import Callable

READS = ("Get", "List", "Describe", "AdminGet", "InitiateAuth")


class ReplicateHarness:
    """Runs ``failoverctl replicate``.

    Attributes
    ----------
    cloud
        The in-process cloud.
    is_terminal
        Whether a person can be asked.
    on_sleep
        Called after each wait of the command.

    """

    def __init__(self, cloud: InProcessCloud) -> None:
        self.cloud = cloud
        self.is_terminal = False
        self.slept: list[float] = []
        self.on_sleep: Callable[[], object] = lambda: None
        self.cognito = cloud.client("cognito-idp", PRIMARY)

    def run(self, *arguments: str, standby: str = STANDBY, types: str = "") -> Result:
        """Run the command. ``types`` is the person's input."""
        runtime = Runtime(
            create_client=self._client,
            now=lambda: datetime.fromtimestamp(self.cloud.clock.now, UTC),
            sleep=self._sleep,
            is_terminal=lambda: self.is_terminal,
            get_username=lambda: "aiko",
        )
        return CliRunner().invoke(
            cli,
            ["replicate", "--standby", standby, *arguments],
            input=types,
            obj=runtime,
            env={"XDG_CONFIG_HOME": "/nonexistent", "COLUMNS": "200", "NO_COLOR": "1"},
            prog_name="failoverctl",
            catch_exceptions=False,
        )

    def replicate_new_pool(self, *arguments: str, types: str = "") -> Result:
        """Replicate a new pool."""
        return self.run("--new-pool", "new", "--primary", PRIMARY, *arguments, types=types)

    def replicate_pool(self, pool_id: str, *arguments: str) -> Result:
        """Replicate an existing pool, and confirm everything."""
        return self.run("--pool", pool_id, "--apply", "--yes", "--accept-new-issuer", *arguments)

    def create_pool(self, **settings: Any) -> str:
        """Create a pool that is not prepared for replication."""
        return str(self.cognito.create_user_pool(PoolName="old", **settings)["UserPool"]["Id"])

    def describe_pool(self, pool_id: str, region: str = PRIMARY) -> dict[str, Any]:
        pool: dict[str, Any] = self.cloud.client("cognito-idp", region).describe_user_pool(UserPoolId=pool_id)
        return dict(pool["UserPool"])

    def pop_write_calls(self) -> list[str]:
        """Return the calls that changed something, and clear the list of calls."""
        calls = [call for call in self.cloud.calls if not call.startswith(READS)]
        self.cloud.calls.clear()
        return calls

    def refuse_operation(self, operation: str, code: str, message: str = "No.", status: int = 400) -> None:
        """Make AWS refuse an operation from now on."""

        def refuse(moment: str, call: str) -> None:
            if moment == "asked" and call.startswith(f"{operation} "):
                answer: Any = {
                    "Error": {"Code": code, "Message": message},
                    "ResponseMetadata": {"HTTPStatusCode": status},
                }
                raise ClientError(answer, operation)

        self.cloud.on_call = refuse

    def allow_all(self) -> None:
        """End all refusals."""
        self.cloud.on_call = lambda _moment, _call: None

    def _client(self, target: ControllerTarget, service: str) -> Any:
        return self.cloud.client(service, target.region)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.cloud.clock.advance(seconds)
        self.on_sleep()


def get_steps(result: Result) -> dict[str, dict[str, Any]]:
    """Return the steps of a JSON answer by name."""
    return {step["name"]: step for step in json.loads(result.stdout)["steps"]}


def get_unfinished_steps(result: Result) -> set[str]:
    """Return the names of the steps in a JSON answer that are not done."""
    return {name for name, step in get_steps(result).items() if step["state"] != StepState.DONE}


def get_parameters(result: Result) -> dict[str, str]:
    """Return the template parameters in a JSON answer."""
    return dict(json.loads(result.stdout)["parameters"])
