"""The article's set-up, start to end, as one call that can be repeated: on the sandbox, or on AWS itself.

Every step looks first and changes only what is not as planned. A call after a failed one takes up where that
one stopped; a call after a complete one changes nothing.
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
    """What is to be set up.

    Attributes
    ----------
    primary, standby
        The two Regions.
    name
        The name of the user pool and of its app client, and the first part of the secrets' names and of the
        key's description.
    canary, person
        User names: of the probes, and of somebody who just signs in.
    zone, domain
        The public hosted zone, and the auth domain in it.
    addresses
        By Region, the IPv4 address of the user's own target there.
    weighted_records
        Whether the domain gets its pair of weighted records here: the controller can create them itself.
    login_domain
        Cognito's own custom domain for managed login, in the same zone; None for no such domain.
    patience_seconds
        How long to wait for each of replica, replication and records.

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
        """By Region, the name of the user's own target there."""
        return {
            self.primary: f"primary.target.{self.zone}",
            self.standby: f"standby.target.{self.zone}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupResult:
    """What there is now.

    Attributes
    ----------
    pool_id, client_id, issuer
        Of the user pool; the same in both Regions.
    key_arns
        By Region, the multi-Region key there.
    canary, person
        The two users; their secrets are in the standby Region.
    zone
        The hosted zone and its name servers.
    targets
        By Region, the name of the user's own target there.
    login
        Managed login, where the plan has a domain for it.

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
    """Set up what the article sets up, and the domain that the controller is to steer.

    Parameters
    ----------
    clients
        Returns plain boto3 clients.
    plan
        What is to be there afterwards.
    wait
        Waits the given number of seconds.

    Raises
    ------
    AmbiguousError
        If several things have the planned name, so that none can be told to be ours.
    OutOfPatienceError
        If something did not come true within ``plan.timeout_seconds``.
    botocore.exceptions.ClientError
        As the services refuse.

    """
    patience = Poller(timeout_seconds=plan.timeout_seconds, sleep=sleep)
    regions = (plan.primary, plan.standby)
    key_arns = ensure_keys({region: clients("kms", region) for region in regions}, regions, plan.name, patience)

    cognito = {region: clients("cognito-idp", region) for region in regions}
    pool_id = ensure_pool(cognito[plan.primary], plan.name, key_arns[plan.primary])
    ensure_replica(cognito[plan.primary], pool_id, plan.standby, patience)
    client_id = ensure_client(cognito[plan.primary], pool_id, plan.name)

    directory = UserDirectory(
        primary=cognito[plan.primary],
        standby=cognito[plan.standby],
        secrets=clients("secretsmanager", plan.standby),
        pool_id=pool_id,
        client_id=client_id,
        poller=patience,
    )
    canary = ensure_user(directory, plan.canary, f"{plan.name}/canary")
    person = ensure_user(directory, plan.test_username, f"{plan.name}/person")

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
        patience,
    )
    login = None
    if plan.login_domain is not None:
        parts = ManagedLoginContext(
            cognito=cognito[plan.primary],
            route53=clients("route53", plan.standby),
            acm=clients("acm", CERTIFICATE_REGION),
            pool_id=pool_id,
            zone_id=zone.id,
            poller=patience,
        )
        login = ensure_login(parts, plan.login_domain, plan.name)
    return SetupResult(
        pool_id=pool_id,
        client_id=client_id,
        issuer=f"https://issuer-cognito-idp.{plan.primary}.amazonaws.com/{pool_id}",
        key_arns=key_arns,
        canary=canary,
        test_user=person,
        zone=zone,
        targets=plan.targets,
        login=login,
    )
