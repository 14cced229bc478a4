"""The measured deployment, read from the controller's stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failoverctl.exit_codes import UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentInfo:
    """The stack, the pool and the domains.

    Attributes
    ----------
    stack_name
        The controller's stack.
    primary, standby
        The pool's two Regions. The stack is in the standby Region.
    pool_id, client_id, secret_arn
        The pool, and the canary's app client and secret.
    zone_id
        The hosted zone for test records.
    domain_name, managed_login_domain
        The domains that users sign in at; empty if there is none. No measurement changes their records.
    targets
        The targets of `domain_name` by Region; empty if there are none.
    probe_path
        The path to request at a target that does not forward Cognito's API.
    latch_bucket
        The bucket of the stack's latches; empty if they are not objects.

    """

    stack_name: str
    primary: str
    standby: str
    pool_id: str
    client_id: str
    secret_arn: str
    zone_id: str
    domain_name: str
    managed_login_domain: str
    targets: Mapping[str, str]
    probe_path: str
    latch_bucket: str

    @property
    def regions(self) -> tuple[str, str]:
        """The primary and the standby Region."""
        return self.primary, self.standby


def read_deployment(
    cloudformation: Any, stack_name: str, *, zone_id: str, translate_errors: Callable[[Callable[[], Any]], Any]
) -> DeploymentInfo:
    """Read the deployment from the controller's stack.

    Parameters
    ----------
    cloudformation
        CloudFormation's client in the standby Region.
    stack_name
        The controller's stack.
    zone_id
        A zone for test records; empty for the stack's zone.
    translate_errors
        Makes a call, and raises a readable error for a boto3 error.

    Raises
    ------
    UnreachableError
        If the stack does not exist, is not the controller's, or its zone is in another account.

    """
    stack = translate_errors(lambda: cloudformation.describe_stacks(StackName=stack_name))["Stacks"][0]
    parameters = {
        parameter["ParameterKey"]: str(parameter["ParameterValue"]) for parameter in stack.get("Parameters", [])
    }
    outputs = {output["OutputKey"]: str(output["OutputValue"]) for output in stack.get("Outputs", [])}
    missing = [
        name for name in ("PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn") if not parameters.get(name)
    ]
    if missing:
        raise UnreachableError(
            f"The stack {stack_name} has no parameter {', '.join(missing)}: it is not the controller's. Give --stack "
            f"the controller's stack, and --region the standby Region."
        )
    if parameters.get("HostedZoneRoleArn") and not zone_id:
        raise UnreachableError(
            "HostedZoneRoleArn: the stack's zone is in another account, and only the stack may assume its role. Give "
            "--zone the id of any public zone in this account. The test records there affect no users."
        )
    standby = cloudformation.meta.region_name
    targets = {
        parameters["PrimaryRegion"]: parameters.get("PrimaryTarget", ""),
        standby: parameters.get("StandbyTarget", ""),
    }
    return DeploymentInfo(
        stack_name=stack_name,
        primary=parameters["PrimaryRegion"],
        standby=standby,
        pool_id=parameters["UserPoolId"],
        client_id=parameters["ClientId"],
        secret_arn=parameters["CanarySecretArn"],
        zone_id=zone_id or parameters.get("HostedZoneId", ""),
        domain_name=parameters.get("DomainName", ""),
        managed_login_domain=parameters.get("ManagedLoginDomain", ""),
        targets={region: target for region, target in targets.items() if target},
        probe_path=parameters.get("TargetProbePath", ""),
        latch_bucket=outputs.get("LatchBucketName", ""),
    )
