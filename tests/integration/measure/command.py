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

from failoverctl.measure.site import Site
from failoverctl.measure.subject import read_subject
from failoverctl.program import program
from failoverctl.surroundings import Surroundings
from sandbox import article
from sandbox.attached import Sandbox
from tests.unit.measure.examples import site as example_site

ROOT = Path(__file__).parents[3]
FAILOVERCTL = ROOT / "scripts" / "failoverctl"
POLICY = ROOT / "docs" / "policies" / "measure.json"
STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What is measured.

    Attributes
    ----------
    may_measure
        The credentials of somebody who may do what docs/policies/measure.json says, and nothing else.
    folder
        For results.

    """

    sandbox: Sandbox
    set_up: article.SetUp
    may_measure: Mapping[str, str]
    folder: Path
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, side: str = "standby") -> Any:
        """Return the administrator's client."""
        return self.sandbox.client(service, self.sandbox.description[side])

    def run(self, *arguments: str, stack: str = STACK) -> Result:
        """Run it in this process, however it ends."""
        surroundings = Surroundings(
            client=lambda place, service: self._client(service, place.region),
            is_terminal=lambda: False,
        )
        where = ["--json", "--stack", stack, "--region", self.sandbox.description["standby"]]
        with chdir(self.folder):
            return CliRunner().invoke(
                program,
                [*where, "measure", *arguments],
                obj=surroundings,
                env={"XDG_CONFIG_HOME": "/nonexistent"},
                catch_exceptions=False,
            )

    def _client(self, service: str, region: str) -> Any:
        """Return the measurer's client, made once: that takes longer than most calls."""
        if (service, region) not in self.clients:
            made = self.sandbox.client(service, region, credentials=self.may_measure)
            self.clients[service, region] = made
        return self.clients[service, region]

    def site(self) -> Site:
        """Return where somebody measures who may do so, as far as only AWS is asked."""
        stacks = self._client("cloudformation", self.sandbox.description["standby"])
        subject = read_subject(stacks, STACK, zone_id="", asked=lambda ask: ask())
        return replace(example_site(), subject=subject, client=self._client)

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it on the sandbox's network."""
        # There already, the command keeps the credentials that it is given.
        where = ["--sandbox", self.sandbox.network.prefix, "--json", "--stack", STACK]
        return subprocess.Popen(  # noqa: S603 - the command of this checkout
            [str(FAILOVERCTL), *where, "--region", self.sandbox.description["standby"], "measure", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.sandbox.environment(), **self.may_measure},
            cwd=self.folder,
        )

    def measured(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """Measure, and return each finding by measurement and what it is of."""
        with self.started(*arguments, "--run", "--yes") as process:
            stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr + stdout
        return {each["name"]: {one["of"]: one for one in each["findings"]} for each in json.loads(stdout)["measured"]}

    def leftovers(self) -> list[str]:
        """Return what a run has left."""
        finished = self.run("--clean-up")
        assert finished.exit_code == 0, finished.output
        return list(json.loads(finished.stdout)["leftovers"])


def interrupt(process: subprocess.Popen[str]) -> int:
    """Press Ctrl-C, and return the exit code."""
    process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode


def measurer(sandbox: Sandbox) -> dict[str, str]:
    """Make a user who may do what docs/policies/measure.json says and nothing else, and return the credentials."""
    iam = sandbox.client("iam", sandbox.description["standby"])
    iam.create_user(UserName="measurer")
    iam.put_user_policy(UserName="measurer", PolicyName="measure", PolicyDocument=_policy_here(sandbox))
    key = iam.create_access_key(UserName="measurer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _policy_here(sandbox: Sandbox) -> str:
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


def describe_as_stack(sandbox: Sandbox, set_up: article.SetUp) -> None:
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
