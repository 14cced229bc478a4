"""The real template, deployed with the real sam into a sandbox, and its operator function."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient
from sandbox.environment import build_plain_environment
from sandbox.reference_setup import setup

ROOT = Path(__file__).parent.parent
BUILT_TEMPLATE = ROOT / "build" / "aws-sam" / "app" / "template.yaml"
BUILT_OBSERVER = ROOT / "build" / "aws-sam" / "observer" / "template.yaml"
BUILT_ROTATION = ROOT / "build" / "aws-sam" / "rotation" / "template.yaml"
SAM = ROOT / ".venv-sam" / "bin" / "sam"

_INVOKE_TIMEOUT_SECONDS = 70


class DeploymentError(RuntimeError):
    """sam or failoverctl refused; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestUser:
    """Somebody who signs in: through which app client, and as whom."""

    client_id: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec:
    """What a controller is deployed for.

    Attributes
    ----------
    parameters
        Those of the template that only the person who deploys knows.
    targets
        By Region, the name of the user's own target there.
    person
        Somebody whose sign-in is to be kept alive.

    """

    parameters: Mapping[str, str]
    targets: Mapping[str, str]
    user: TestUser


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxDeployment:
    """A controller that runs in a sandbox.

    Attributes
    ----------
    sandbox, protected
        Where, and what for.
    stack_name
        Of the stack in the standby Region.

    """

    sandbox: SandboxClient
    spec: DeploymentSpec
    stack_name: str

    @property
    def primary(self) -> str:
        """The pool's primary Region."""
        return str(self.sandbox.description["primary"])

    @property
    def standby(self) -> str:
        """The replica's Region, in which the controller runs."""
        return str(self.sandbox.description["standby"])

    def invoke_operator(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function and return its answer.

        Raises
        ------
        RuntimeError
            If the function itself failed.

        """
        answer = self.sandbox.client("lambda", self.standby, timeout_seconds=_INVOKE_TIMEOUT_SECONDS).invoke(
            FunctionName=f"{self.stack_name}-operator", Payload=json.dumps({"action": action, **fields})
        )
        payload: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"the operator function failed: {payload}")
        return payload

    def delete(self) -> str:
        """Delete the stack with sam, and return what it said."""
        return _run_sam(self.sandbox, self.standby, ["delete", "--stack-name", self.stack_name, "--no-prompts"])


def from_reference_setup(sandbox: SandboxClient, set_up: setup.SetupResult) -> DeploymentSpec:
    """Return what is to be protected where the article's set-up was made."""
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    pool = {
        "PrimaryRegion": primary,
        "UserPoolId": set_up.pool_id,
        "ClientId": set_up.client_id,
        "CanarySecretArn": set_up.canary.secret_arn,
        **({"ManagedLoginDomain": set_up.login.domain} if set_up.login else {}),
    }
    kept = sandbox.client("secretsmanager", standby).get_secret_value(SecretId=set_up.test_user.secret_arn)
    secret = json.loads(kept["SecretString"])
    return DeploymentSpec(
        parameters={**pool, **build_domain_parameters(sandbox, set_up.zone.id, set_up.targets)},
        targets=set_up.targets,
        user=TestUser(client_id=set_up.client_id, username=secret["username"], password=secret["password"]),
    )


def build_domain_parameters(sandbox: SandboxClient, zone_id: str, targets: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that say which domain is moved, and between what."""
    return {
        "HostedZoneId": zone_id,
        "DomainName": setup.SetupPlan(addresses={}).domain,
        "PrimaryTarget": targets[sandbox.description["primary"]],
        "StandbyTarget": targets[sandbox.description["standby"]],
    }


def deploy(
    sandbox: SandboxClient,
    spec: DeploymentSpec,
    *,
    stack_name: str = "cognito-failover",
    overrides: Mapping[str, str] | None = None,
) -> SandboxDeployment:
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
    given = {**spec.parameters, **(overrides or {})}
    _sam_deploy(sandbox, BUILT_TEMPLATE, standby, stack_name, given)
    return SandboxDeployment(sandbox=sandbox, spec=spec, stack_name=stack_name)


def deploy_observer(deployment: SandboxDeployment, region: str, *, table: str, overrides: Mapping[str, str]) -> str:
    """Deploy the built observer into a third Region, and return the name of its function.

    Parameters
    ----------
    deployment
        The controller that it is to help.
    region
        Where.
    table
        The controller's.
    overrides
        Parameters other than those that must be given and the architecture.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    sandbox, of_controller = deployment.sandbox, deployment.spec.parameters
    secret_arn = of_controller["CanarySecretArn"]
    sandbox.client("secretsmanager", deployment.standby).replicate_secret_to_regions(
        SecretId=secret_arn, AddReplicaRegions=[{"Region": region}]
    )
    asked_for = ("PrimaryRegion", "UserPoolId", "ClientId", "DomainName", "PrimaryTarget", "StandbyTarget")
    given = {
        **{name: of_controller[name] for name in asked_for},
        "StandbyRegion": deployment.standby,
        "LedgerTableName": table,
        "CanarySecretArn": secret_arn.replace(f":{deployment.standby}:", f":{region}:"),
        **overrides,
    }
    # A name of its own, also in a Region of its own: the sandbox's engine keeps the stacks of all Regions together.
    stack_name = f"{deployment.stack_name}-{region}"
    _sam_deploy(sandbox, BUILT_OBSERVER, region, stack_name, given)
    return f"{stack_name}-observer"


def deploy_rotation(sandbox: SandboxClient, *, pool_id: str, secret_arn: str) -> str:
    """Deploy the built rotation into the primary Region, and return the name of its function.

    Parameters
    ----------
    sandbox
        Where.
    pool_id
        The pool whose canary it is.
    secret_arn
        The canary's secret there.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    stack_name = "cognito-failover-rotation"
    given = {"UserPoolId": pool_id, "CanarySecretArn": secret_arn, "StandbyRegion": sandbox.description["standby"]}
    _sam_deploy(sandbox, BUILT_ROTATION, sandbox.description["primary"], stack_name, given)
    return f"{stack_name}-rotation"


def _sam_deploy(
    sandbox: SandboxClient, template: Path, region: str, stack_name: str, parameters: Mapping[str, str]
) -> None:
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "x86_64"
    # In quotes, since some may be empty.
    overrides = [f'{name}="{value}"' for name, value in {"Architecture": machine, **parameters}.items()]
    _run_sam(
        sandbox,
        region,
        [
            "deploy",
            *("--template-file", str(template)),
            *("--stack-name", stack_name),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3"),
            *("--parameter-overrides", *overrides),
        ],
    )


def _run_sam(sandbox: SandboxClient, region: str, arguments: list[str]) -> str:
    environment = {**os.environ, **build_plain_environment(sandbox.network, region)}
    environment["SAM_CLI_TELEMETRY"] = "0"
    finished = subprocess.run(  # noqa: S603 - sam, with arguments of our own
        [str(SAM), *arguments, "--region", region],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    if finished.returncode:
        raise DeploymentError(f"sam {arguments[0]} failed ({finished.returncode}):\n{said}")
    return said
