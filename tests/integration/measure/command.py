"""Runs ``failoverctl measure`` against a sandbox. Its stack has the controller's parameters, but no resources.

Commands that call only AWS run in the test's process. Commands that query name servers, or call Cognito as apps do, run
on the sandbox's network.
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
from tests.unit.measure.examples import make_context as make_example_context

ROOT = Path(__file__).parents[3]
FAILOVERCTL = ROOT / "scripts" / "failoverctl"
POLICY = ROOT / "docs" / "policies" / "measure.json"
STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDeployment:
    """The measured deployment.

    Attributes
    ----------
    measurer_credentials
        Credentials with exactly the permissions of docs/policies/measure.json.
    folder
        The folder for results.

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
        """Run the command in this process."""
        runtime = Runtime(
            create_client=lambda target, service: self._get_measurer_client(service, target.region),
            is_terminal=lambda: False,
        )
        target_options = ["--json", "--stack", stack, "--region", self.sandbox.description["standby"]]
        with chdir(self.folder):
            return CliRunner().invoke(
                cli,
                [*target_options, "measure", *arguments],
                obj=runtime,
                env={"XDG_CONFIG_HOME": "/nonexistent"},
                catch_exceptions=False,
            )

    def _get_measurer_client(self, service: str, region: str) -> Any:
        """Return the measurer's client. It is cached: creating one takes longer than most calls."""
        if (service, region) not in self.clients:
            client = self.sandbox.client(service, region, credentials=self.measurer_credentials)
            self.clients[service, region] = client
        return self.clients[service, region]

    def make_context(self) -> MeasurementContext:
        """Return a measurement context with the measurer's AWS clients."""
        cloudformation = self._get_measurer_client("cloudformation", self.sandbox.description["standby"])
        deployment = read_deployment(cloudformation, STACK, zone_id="", translate_errors=lambda call: call())
        return replace(make_example_context(), deployment=deployment, get_client=self._get_measurer_client)

    def start_on_network(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command on the sandbox's network."""
        # A process that is already on the network keeps its credentials.
        target_options = ["--sandbox", self.sandbox.network.prefix, "--json", "--stack", STACK]
        target_options += ["--region", self.sandbox.description["standby"]]
        return subprocess.Popen(  # noqa: S603 - the command of this checkout
            [str(FAILOVERCTL), *target_options, "measure", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.sandbox.build_environment(), **self.measurer_credentials},
            cwd=self.folder,
        )

    def run_measurements(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """Measure, and return the findings by measurement and stage."""
        with self.start_on_network(*arguments, "--run", "--yes") as process:
            stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr + stdout
        return {
            measured["name"]: {finding["of"]: finding for finding in measured["findings"]}
            for measured in json.loads(stdout)["measured"]
        }

    def list_orphans(self) -> list[str]:
        """Return descriptions of the resources that a run has left."""
        finished = self.run_in_process("--clean-up")
        assert finished.exit_code == 0, finished.output
        return list(json.loads(finished.stdout)["leftovers"])


def send_interrupt(process: subprocess.Popen[str]) -> int:
    """Send Ctrl-C, and return the exit code."""
    process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode


def create_measurer(sandbox: SandboxClient) -> dict[str, str]:
    """Create a user with exactly the permissions of docs/policies/measure.json, and return the credentials."""
    iam = sandbox.client("iam", sandbox.description["standby"])
    iam.create_user(UserName="measurer")
    iam.put_user_policy(UserName="measurer", PolicyName="measure", PolicyDocument=_render_policy(sandbox))
    key = iam.create_access_key(UserName="measurer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _render_policy(sandbox: SandboxClient) -> str:
    """Return the policy with this zone and pool instead of its examples."""
    zone = sandbox.client("route53", sandbox.description["standby"]).list_hosted_zones()["HostedZones"][0]["Id"]
    pool = sandbox.client("cognito-idp", sandbox.description["primary"]).list_user_pools(MaxResults=1)["UserPools"][0]
    replacements = {
        "Z0123456789ABCDEFGHIJ": zone.rpartition("/")[2],
        "ap-northeast-1_AbCdEfGhI": pool["Id"],
        # The engine checks CloudWatch permissions without a resource; AWS checks them for the alarm.
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:failover-measure-*": "*",
    }
    text = POLICY.read_text(encoding="utf-8")
    for example, actual in replacements.items():
        assert example in text
        text = text.replace(example, actual)
    return text


def create_descriptive_stack(sandbox: SandboxClient, set_up: setup.SetupResult) -> None:
    """Create a stack with the controller's parameters and none of its resources."""
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
