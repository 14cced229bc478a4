"""``failoverctl measure`` against a sandbox with a stack that only says what it is.

What asks only AWS runs in the test's own process; what asks name servers, and Cognito as users do, runs on the
sandbox's network.
"""

import json
import signal
import subprocess
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from failoverctl.cli import cli
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.deployment import read_deployment
from failoverctl.runtime import Runtime
from sandbox.client import SandboxClient
from sandbox.reference_setup import setup
from tests.unit.measure.examples import make_context as example_site

ROOT = Path(__file__).parents[3]
FAILOVERCTL = ROOT / "scripts" / "failoverctl"
POLICY = ROOT / "docs" / "policies" / "measure.json"
STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDeployment:
    """What is measured.

    Attributes
    ----------
    may_measure
        The credentials of somebody who may do what docs/policies/measure.json says, and nothing else.
    folder
        For results.

    """

    sandbox: SandboxClient
    set_up: setup.SetupResult
    measurer_credentials: Mapping[str, str]
    folder: Path
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def get_client(self, service: str, role: str = "standby") -> Any:
        """Return the administrator's client."""
        return self.sandbox.client(service, self.sandbox.description[role])

    def run_in_process(self, *arguments: str, stack: str = STACK) -> Result:
        """Run it in this process, however it ends."""
        surroundings = Runtime(
            create_client=lambda place, service: self._get_measurer_client(service, place.region),
            is_terminal=lambda: False,
        )
        where = ["--json", "--stack", stack, "--region", self.sandbox.description["standby"]]
        with chdir(self.folder):
            return CliRunner().invoke(
                cli,
                [*where, "measure", *arguments],
                obj=surroundings,
                env={"XDG_CONFIG_HOME": "/nonexistent"},
                catch_exceptions=False,
            )

    def _get_measurer_client(self, service: str, region: str) -> Any:
        """Return the measurer's client, made once: that takes longer than most calls."""
        if (service, region) not in self.clients:
            made = self.sandbox.client(service, region, credentials=self.measurer_credentials)
            self.clients[service, region] = made
        return self.clients[service, region]

    def make_context(self) -> MeasurementContext:
        """Return where somebody measures who may do so, as far as only AWS is asked."""
        stacks = self._get_measurer_client("cloudformation", self.sandbox.description["standby"])
        subject = read_deployment(stacks, STACK, zone_id="", translate_errors=lambda ask: ask())
        return replace(example_site(), deployment=subject, get_client=self._get_measurer_client)

    def start_on_network(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it on the sandbox's network."""
        # There already, the command keeps the credentials that it is given.
        where = ["--sandbox", self.sandbox.network.prefix, "--json", "--stack", STACK]
        return subprocess.Popen(  # noqa: S603 - the command of this checkout
            [str(FAILOVERCTL), *where, "--region", self.sandbox.description["standby"], "measure", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.sandbox.build_environment(), **self.measurer_credentials},
            cwd=self.folder,
        )

    def run_measurements(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """Measure, and return each finding by measurement and what it is of."""
        with self.start_on_network(*arguments, "--run", "--yes") as process:
            stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr + stdout
        return {each["name"]: {one["of"]: one for one in each["findings"]} for each in json.loads(stdout)["measured"]}

    def list_orphans(self) -> list[str]:
        """Return what a run has left."""
        finished = self.run_in_process("--clean-up")
        assert finished.exit_code == 0, finished.output
        return list(json.loads(finished.stdout)["leftovers"])


def send_interrupt(process: subprocess.Popen[str]) -> int:
    """Press Ctrl-C, and return the exit code."""
    process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode


def create_measurer(sandbox: SandboxClient) -> dict[str, str]:
    """Make a user who may do what docs/policies/measure.json says and nothing else, and return the credentials."""
    iam = sandbox.client("iam", sandbox.description["standby"])
    iam.create_user(UserName="measurer")
    iam.put_user_policy(UserName="measurer", PolicyName="measure", PolicyDocument=_render_policy(sandbox))
    key = iam.create_access_key(UserName="measurer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _render_policy(sandbox: SandboxClient) -> str:
    """Return the policy with this zone and this pool in the place of those that it names as examples."""
    zone = sandbox.client("route53", sandbox.description["standby"]).list_hosted_zones()["HostedZones"][0]["Id"]
    pool = sandbox.client("cognito-idp", sandbox.description["primary"]).list_user_pools(MaxResults=1)["UserPools"][0]
    replaced = {
        "Z0123456789ABCDEFGHIJ": zone.rpartition("/")[2],
        "ap-northeast-1_AbCdEfGhI": pool["Id"],
        # The engine asks for CloudWatch's permissions without a resource, where AWS names the alarm.
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:failover-measure-*": "*",
    }
    text = POLICY.read_text(encoding="utf-8")
    for example, here in replaced.items():
        assert example in text
        text = text.replace(example, here)
    return text


def create_descriptive_stack(sandbox: SandboxClient, set_up: setup.SetupResult) -> None:
    """Make a stack that says what the controller's says, and has none of its parts."""
    parameters = {
        "PrimaryRegion": sandbox.description["primary"],
        "UserPoolId": set_up.pool_id,
        "ClientId": set_up.client_id,
        "CanarySecretArn": set_up.canary.secret_arn,
        "HostedZoneId": set_up.zone.id,
        "DomainName": "auth.example.com",
        "PrimaryTarget": set_up.targets[sandbox.description["primary"]],
        "StandbyTarget": set_up.targets[sandbox.description["standby"]],
    }
    template = {
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
    cloudformation = sandbox.client("cloudformation", sandbox.description["standby"])
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
