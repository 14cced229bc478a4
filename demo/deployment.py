"""The real template, deployed with the real sam into a sandbox, and its operator function."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import article
from sandbox.attached import Sandbox
from sandbox.environment import plain_environment

ROOT = Path(__file__).parent.parent
BUILT_TEMPLATE = ROOT / "build" / "aws-sam" / "app" / "template.yaml"
SAM = ROOT / ".venv-sam" / "bin" / "sam"

_ANSWER_SECONDS = 70


class DeploymentError(RuntimeError):
    """sam refused; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A controller that runs in a sandbox.

    Attributes
    ----------
    sandbox, set_up
        Where, and for which pool, zone and users.
    stack_name
        Of the stack in the standby Region.

    """

    sandbox: Sandbox
    set_up: article.SetUp
    stack_name: str

    @property
    def primary(self) -> str:
        """The pool's primary Region."""
        return str(self.sandbox.description["primary"])

    @property
    def standby(self) -> str:
        """The replica's Region, in which the controller runs."""
        return str(self.sandbox.description["standby"])

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function and return its answer.

        Raises
        ------
        RuntimeError
            If the function itself failed.

        """
        answer = self.sandbox.client("lambda", self.standby, timeout_seconds=_ANSWER_SECONDS).invoke(
            FunctionName=f"{self.stack_name}-operator", Payload=json.dumps({"action": action, **fields})
        )
        payload: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"the operator function failed: {payload}")
        return payload

    def delete(self) -> str:
        """Delete the stack with sam, and return what it said."""
        return _sam(self.sandbox, ["delete", "--stack-name", self.stack_name, "--region", self.standby, "--no-prompts"])


def parameters(sandbox: Sandbox, set_up: article.SetUp) -> dict[str, str]:
    """Return the parameters that only the person who deploys knows."""
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    return {
        "PrimaryRegion": primary,
        "UserPoolId": set_up.pool_id,
        "ClientId": set_up.client_id,
        "CanarySecretArn": set_up.canary.secret_arn,
        "HostedZoneId": set_up.zone.id,
        "DomainName": article.Plan(addresses={}).domain,
        "PrimaryTarget": set_up.targets[primary],
        "StandbyTarget": set_up.targets[standby],
    }


def deploy(
    sandbox: Sandbox,
    set_up: article.SetUp,
    *,
    stack_name: str = "cognito-failover",
    overrides: Mapping[str, str] | None = None,
) -> Deployment:
    """Deploy the built template, or change what is deployed.

    Parameters
    ----------
    overrides
        Parameters other than those that must be given and the architecture, which is this machine's.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    standby = sandbox.description["standby"]
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "x86_64"
    given = {**parameters(sandbox, set_up), "Architecture": machine, **(overrides or {})}
    _sam(
        sandbox,
        [
            "deploy",
            *("--template-file", str(BUILT_TEMPLATE)),
            *("--stack-name", stack_name),
            *("--region", standby),
            *("--capabilities", "CAPABILITY_IAM"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3"),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in given.items())),
        ],
    )
    return Deployment(sandbox=sandbox, set_up=set_up, stack_name=stack_name)


def _sam(sandbox: Sandbox, arguments: list[str]) -> str:
    environment = {**os.environ, **plain_environment(sandbox.network, sandbox.description["standby"])}
    environment["SAM_CLI_TELEMETRY"] = "0"
    finished = subprocess.run(  # noqa: S603 - sam, with arguments of our own
        [str(SAM), *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    said = finished.stdout + finished.stderr
    if finished.returncode:
        raise DeploymentError(f"sam {arguments[0]} failed ({finished.returncode}):\n{said}")
    return said
