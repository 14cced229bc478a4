"""What is deployed: read from the stack, which knows all that a measurement needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failoverctl.exits import UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
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

    stack: str
    primary: str
    standby: str
    pool_id: str
    client_id: str
    secret_arn: str
    zone_id: str
    domain_name: str
    managed_login: str
    targets: Mapping[str, str]
    probe_path: str
    latch_bucket: str

    @property
    def regions(self) -> tuple[str, str]:
        """The primary's and the standby's."""
        return self.primary, self.standby


def read_subject(stacks: Any, stack: str, *, zone_id: str, asked: Callable[[Callable[[], Any]], Any]) -> Subject:
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
    found = asked(lambda: stacks.describe_stacks(StackName=stack))["Stacks"][0]
    given = {each["ParameterKey"]: str(each["ParameterValue"]) for each in found.get("Parameters", [])}
    outputs = {each["OutputKey"]: str(each["OutputValue"]) for each in found.get("Outputs", [])}
    missing = [name for name in ("PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn") if not given.get(name)]
    if missing:
        raise UnreachableError(
            f"The stack {stack} has no parameter {', '.join(missing)}: it isn't the controller's. Give --stack the "
            f"controller's stack, and --region the standby Region."
        )
    if given.get("HostedZoneRoleArn") and not zone_id:
        raise UnreachableError(
            "HostedZoneRoleArn: the stack's zone is in another account, whose role only the stack may take. Give "
            "--zone the id of a public zone in this account; any will do, since the records made there serve nobody."
        )
    standby = stacks.meta.region_name
    targets = {given["PrimaryRegion"]: given.get("PrimaryTarget", ""), standby: given.get("StandbyTarget", "")}
    return Subject(
        stack=stack,
        primary=given["PrimaryRegion"],
        standby=standby,
        pool_id=given["UserPoolId"],
        client_id=given["ClientId"],
        secret_arn=given["CanarySecretArn"],
        zone_id=zone_id or given.get("HostedZoneId", ""),
        domain_name=given.get("DomainName", ""),
        managed_login=given.get("ManagedLoginDomain", ""),
        targets={region: target for region, target in targets.items() if target},
        probe_path=given.get("TargetProbePath", ""),
        latch_bucket=outputs.get("LatchBucketName", ""),
    )
