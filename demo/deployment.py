"""Deploys the production templates with sam into a sandbox, and invokes the operator function."""

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
    """sam or failoverctl failed. The message contains its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestUser:
    """A user who signs in, with the app client and the credentials."""

    client_id: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec:
    """The specification of a deployment.

    Attributes
    ----------
    parameters
        The template's parameters without a default.
    targets
        Names of the targets by Region.
    user
        A user of the pool.

    """

    parameters: Mapping[str, str]
    targets: Mapping[str, str]
    user: TestUser


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxDeployment:
    """A controller that is deployed in a sandbox.

    Attributes
    ----------
    sandbox, spec
        The sandbox, and the specification.
    stack_name
        The name of the stack in the standby Region.

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
        """The replica's Region, where the controller runs."""
        return str(self.sandbox.description["standby"])

    def invoke_operator(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function and return its answer.

        Raises
        ------
        RuntimeError
            If the function failed.

        """
        answer = self.sandbox.client("lambda", self.standby, timeout_seconds=_INVOKE_TIMEOUT_SECONDS).invoke(
            FunctionName=f"{self.stack_name}-operator", Payload=json.dumps({"action": action, **fields})
        )
        payload: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"the operator function failed: {payload}")
        return payload

    def delete(self) -> str:
        """Delete the stack with sam, and return the output."""
        return _run_sam(self.sandbox, self.standby, ["delete", "--stack-name", self.stack_name, "--no-prompts"])


def from_reference_setup(sandbox: SandboxClient, set_up: setup.SetupResult) -> DeploymentSpec:
    """Return the specification of a deployment for the article's setup."""
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    pool = {
        "PrimaryRegion": primary,
        "UserPoolId": set_up.pool_id,
        "ClientId": set_up.client_id,
        "CanarySecretArn": set_up.canary.secret_arn,
        **({"ManagedLoginDomain": set_up.login.domain} if set_up.login else {}),
    }
    value = sandbox.client("secretsmanager", standby).get_secret_value(SecretId=set_up.test_user.secret_arn)
    secret = json.loads(value["SecretString"])
    return DeploymentSpec(
        parameters={**pool, **build_domain_parameters(sandbox, set_up.zone.id, set_up.targets)},
        targets=set_up.targets,
        user=TestUser(client_id=set_up.client_id, username=secret["username"], password=secret["password"]),
    )


def build_domain_parameters(sandbox: SandboxClient, zone_id: str, targets: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the domain and its two targets."""
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
    """Deploy the built template, or update the deployment.

    Parameters
    ----------
    sandbox
        The sandbox.
    spec
        The specification.
    stack_name
        The name of the stack.
    overrides
        Further parameters. The architecture is always that of this machine.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    standby = sandbox.description["standby"]
    parameters = {**spec.parameters, **(overrides or {})}
    _sam_deploy(sandbox, BUILT_TEMPLATE, standby, stack_name, parameters)
    return SandboxDeployment(sandbox=sandbox, spec=spec, stack_name=stack_name)


def deploy_observer(deployment: SandboxDeployment, region: str, *, table: str, overrides: Mapping[str, str]) -> str:
    """Deploy the built observer into a third Region, and return the name of its function.

    Parameters
    ----------
    deployment
        The deployed controller.
    region
        The third Region.
    table
        The name of the controller's table.
    overrides
        Further parameters.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    sandbox, controller_parameters = deployment.sandbox, deployment.spec.parameters
    secret_arn = controller_parameters["CanarySecretArn"]
    sandbox.client("secretsmanager", deployment.standby).replicate_secret_to_regions(
        SecretId=secret_arn, AddReplicaRegions=[{"Region": region}]
    )
    shared = ("PrimaryRegion", "UserPoolId", "ClientId", "DomainName", "PrimaryTarget", "StandbyTarget")
    parameters = {
        **{name: controller_parameters[name] for name in shared},
        "StandbyRegion": deployment.standby,
        "LedgerTableName": table,
        "CanarySecretArn": secret_arn.replace(f":{deployment.standby}:", f":{region}:"),
        **overrides,
    }
    # The name must be unique across Regions: the sandbox's engine keeps the stacks of all Regions together.
    stack_name = f"{deployment.stack_name}-{region}"
    _sam_deploy(sandbox, BUILT_OBSERVER, region, stack_name, parameters)
    return f"{stack_name}-observer"


def deploy_rotation(sandbox: SandboxClient, *, pool_id: str, secret_arn: str) -> str:
    """Deploy the built rotation into the primary Region, and return the name of its function.

    Parameters
    ----------
    sandbox
        The sandbox.
    pool_id
        The canary's pool.
    secret_arn
        The canary's secret in the primary Region.

    Raises
    ------
    DeploymentError
        If sam fails.

    """
    stack_name = "cognito-failover-rotation"
    parameters = {"UserPoolId": pool_id, "CanarySecretArn": secret_arn, "StandbyRegion": sandbox.description["standby"]}
    _sam_deploy(sandbox, BUILT_ROTATION, sandbox.description["primary"], stack_name, parameters)
    return f"{stack_name}-rotation"


def _sam_deploy(
    sandbox: SandboxClient, template: Path, region: str, stack_name: str, parameters: Mapping[str, str]
) -> None:
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "x86_64"
    # Quoted, because a value may be empty.
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
    finished = subprocess.run(  # noqa: S603 - sam, with our own arguments
        [str(SAM), *arguments, "--region", region],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    output = finished.stdout + finished.stderr
    if finished.returncode:
        raise DeploymentError(f"sam {arguments[0]} failed ({finished.returncode}):\n{output}")
    return output
