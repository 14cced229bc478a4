"""The reference setup as one idempotent call, for the sandbox or for AWS.

Every step reads the current state and changes only differences from the plan. After a failure, repeat the call: it
continues where the failed call stopped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.reference_setup.hosted_zone import AuthDomainPlan, PublicHostedZone, ensure_zone
from sandbox.reference_setup.keys import ensure_keys
from sandbox.reference_setup.managed_login import (
    CERTIFICATE_REGION,
    ManagedLoginContext,
    ManagedLoginSetup,
    ensure_login,
)
from sandbox.reference_setup.polling import Poller
from sandbox.reference_setup.user_pool import ensure_client, ensure_pool, ensure_replica
from sandbox.reference_setup.users import User, UserDirectory, ensure_user

type Boto3ClientFactory = Callable[[str, str], Any]
"""Returns a boto3 client of a service in a Region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """The planned setup.

    Attributes
    ----------
    primary, standby
        The two Regions.
    name
        The name of the user pool and of its app client, and the prefix of the secrets' names and of the key's
        description.
    canary, test_username
        The user names of the canary and of a test user.
    zone, domain
        The public hosted zone, and the auth domain in it.
    addresses
        The IPv4 address of the target, by Region.
    weighted_records
        Whether to create the domain's pair of weighted records. The controller can also create them.
    login_domain
        Cognito's custom domain for managed login, in the same zone, or None.
    timeout_seconds
        The timeout of each wait: replica, replication, records.

    """

    primary: str = "ap-northeast-1"
    standby: str = "us-east-1"
    name: str = "cognito-failover"
    canary: str = "canary"
    test_username: str = "person"
    zone: str = "example.com"
    domain: str = "auth.example.com"
    addresses: Mapping[str, str]
    weighted_records: bool = True
    login_domain: str | None = None
    timeout_seconds: float = 600

    @property
    def targets(self) -> dict[str, str]:
        """The target's name, by Region."""
        return {
            self.primary: f"primary.target.{self.zone}",
            self.standby: f"standby.target.{self.zone}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupResult:
    """The resources of a complete setup.

    Attributes
    ----------
    pool_id, client_id, issuer
        The user pool's ids, the same in both Regions.
    key_arns
        The multi-Region key's ARN, by Region.
    canary, test_user
        The two users. Their secrets are in the standby Region.
    zone
        The hosted zone and its name servers.
    targets
        The target's name, by Region.
    login
        Managed login, or None if the plan has no login domain.

    """

    pool_id: str
    client_id: str
    issuer: str
    key_arns: Mapping[str, str]
    canary: User
    test_user: User
    zone: PublicHostedZone
    targets: Mapping[str, str]
    login: ManagedLoginSetup | None


def set_up(clients: Boto3ClientFactory, plan: SetupPlan, sleep: Callable[[float], None]) -> SetupResult:
    """Ensure that all resources of the plan exist.

    Parameters
    ----------
    clients
        Returns boto3 clients.
    plan
        The planned setup.
    sleep
        Waits for a number of seconds.

    Raises
    ------
    AmbiguousNameError
        If several resources have a planned name.
    SetupTimeoutError
        If a condition does not hold within ``plan.timeout_seconds``.
    botocore.exceptions.ClientError
        If a service rejects a call.

    """
    poller = Poller(timeout_seconds=plan.timeout_seconds, sleep=sleep)
    regions = (plan.primary, plan.standby)
    key_arns = ensure_keys({region: clients("kms", region) for region in regions}, regions, plan.name, poller)

    cognito = {region: clients("cognito-idp", region) for region in regions}
    pool_id = ensure_pool(cognito[plan.primary], plan.name, key_arns[plan.primary])
    ensure_replica(cognito[plan.primary], pool_id, plan.standby, poller)
    client_id = ensure_client(cognito[plan.primary], pool_id, plan.name)

    directory = UserDirectory(
        primary=cognito[plan.primary],
        standby=cognito[plan.standby],
        secrets=clients("secretsmanager", plan.standby),
        pool_id=pool_id,
        client_id=client_id,
        poller=poller,
    )
    canary = ensure_user(directory, plan.canary, f"{plan.name}/canary")
    test_user = ensure_user(directory, plan.test_username, f"{plan.name}/person")

    zone = ensure_zone(
        clients("route53", plan.standby),
        AuthDomainPlan(
            zone=plan.zone,
            name=plan.domain,
            primary=plan.primary,
            targets=plan.targets,
            addresses=plan.addresses,
            weighted_records=plan.weighted_records,
        ),
        poller,
    )
    login = None
    if plan.login_domain is not None:
        context = ManagedLoginContext(
            cognito=cognito[plan.primary],
            route53=clients("route53", plan.standby),
            acm=clients("acm", CERTIFICATE_REGION),
            pool_id=pool_id,
            zone_id=zone.id,
            poller=poller,
        )
        login = ensure_login(context, plan.login_domain, plan.name)
    return SetupResult(
        pool_id=pool_id,
        client_id=client_id,
        issuer=f"https://issuer-cognito-idp.{plan.primary}.amazonaws.com/{pool_id}",
        key_arns=key_arns,
        canary=canary,
        test_user=test_user,
        zone=zone,
        targets=plan.targets,
        login=login,
    )
