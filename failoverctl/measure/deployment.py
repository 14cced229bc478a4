"""What is deployed: read from the stack, which knows all that a measurement needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failoverctl.exit_codes import UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentInfo:
    """The stack, the pool and the names that are measured.

    Attributes
    ----------
    stack
        The controller's stack.
    primary, standby
        The pool's two Regions; the stack is in the second one.
    pool_id, client_id, secret_arn
        The pool, and the canary's app client and secret.
    zone_id
        The hosted zone in which records may be made.
    domain_name, managed_login
        The names that users sign in through; empty where there is none. No measurement touches their records.
    targets
        Each Region's own target for the former, by Region; empty where there are none.
    probe_path
        What is asked of a target that doesn't pass Cognito's API.
    latch_bucket
        The bucket of the stack's own latch; empty where it is no object.

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
        """The primary's and the standby's."""
        return self.primary, self.standby


def read_deployment(
    cloudformation: Any, stack_name: str, *, zone_id: str, translate_errors: Callable[[Callable[[], Any]], Any]
) -> DeploymentInfo:
    """Read what is deployed.

    Parameters
    ----------
    stacks
        CloudFormation's client, in the standby Region.
    stack
        The stack's name.
    zone_id
        A zone to make records in, instead of the stack's; empty for that.
    asked
        Makes a call, and turns an error of boto3 into one for people.

    Raises
    ------
    UnreachableError
        If there is no such stack, or it isn't the controller's.

    """
    stack_description = translate_errors(lambda: cloudformation.describe_stacks(StackName=stack_name))["Stacks"][0]
    parameters = {each["ParameterKey"]: str(each["ParameterValue"]) for each in stack_description.get("Parameters", [])}
    outputs = {each["OutputKey"]: str(each["OutputValue"]) for each in stack_description.get("Outputs", [])}
    missing = [
        name for name in ("PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn") if not parameters.get(name)
    ]
    if missing:
        raise UnreachableError(
            f"The stack {stack_name} has no parameter {', '.join(missing)}: it isn't the controller's. Give --stack the "
            f"controller's stack, and --region the standby Region."
        )
    if parameters.get("HostedZoneRoleArn") and not zone_id:
        raise UnreachableError(
            "HostedZoneRoleArn: the stack's zone is in another account, whose role only the stack may take. Give "
            "--zone the id of a public zone in this account; any will do, since the records made there serve nobody."
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
