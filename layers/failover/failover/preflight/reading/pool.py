"""Readings of the user pool, in each of its Regions."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from failover.preflight.facts import Document, Facts, UnreadError
from failover.region import Side

_PAGE = 60


def cognito(facts: Facts, side: Side) -> Any:
    """Return the client of Cognito in a Region."""
    return facts.site.client("cognito-idp", facts.settings.regions[side])


def code_of(error: ClientError) -> str:
    """Return the error code that a service answered."""
    return str(error.response["Error"].get("Code", ""))


def pool(facts: Facts, side: Side) -> Document:
    """Return the pool as a Region describes it."""
    client = cognito(facts, side)
    pool_id = facts.settings.user_pool_id
    try:
        described: Document = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except client.exceptions.ResourceNotFoundException:
        raise UnreadError(f"{facts.settings.regions[side]} knows no user pool {pool_id}.") from None
    return described


def shared(facts: Facts) -> Document:
    """Return the pool as far as it is the same in both Regions: from whichever of them answers."""
    return _either(lambda side: facts(pool, side))


def replicas(facts: Facts) -> tuple[Document, ...]:
    """Return the pool's replicas, the primary among them; none where there is no such pool."""

    def listed(side: Side) -> Iterator[Document]:
        client, token = cognito(facts, side), dict[str, str]()
        while True:  # the SDK has no paginator for it
            page = client.list_user_pool_replicas(UserPoolId=facts.settings.user_pool_id, **token)
            yield from page["UserPoolReplicas"]
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}

    def read(side: Side) -> tuple[Document, ...]:
        try:
            return tuple(listed(side))
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return ()
            raise

    return _either(read)


def mfa(facts: Facts) -> Document:
    """Return what the pool asks for besides a password."""
    return _either(lambda side: cognito(facts, side).get_user_pool_mfa_config(UserPoolId=facts.settings.user_pool_id))


def risk_configuration(facts: Facts, side: Side) -> Document:
    """Return a Region's threat protection; empty where the pool has none."""
    client = cognito(facts, side)
    try:
        found: Document = client.describe_risk_configuration(UserPoolId=facts.settings.user_pool_id)
    except client.exceptions.UserPoolAddOnNotEnabledException:
        return {}
    configuration: Document = found["RiskConfiguration"]
    return configuration


def log_exports(facts: Facts, side: Side) -> frozenset[tuple[str, str]]:
    """Return what logs a Region exports: source and level of each."""
    found = cognito(facts, side).get_log_delivery_configuration(UserPoolId=facts.settings.user_pool_id)
    configurations = found.get("LogDeliveryConfiguration", {}).get("LogConfigurations", ())
    return frozenset((each["EventSource"], each["LogLevel"]) for each in configurations)


def app_clients(facts: Facts) -> tuple[Document, ...]:
    """Return every app client, described."""

    def read(side: Side) -> tuple[Document, ...]:
        client, pool_id = cognito(facts, side), facts.settings.user_pool_id
        pages = client.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE}
        )
        return tuple(
            client.describe_user_pool_client(UserPoolId=pool_id, ClientId=each["ClientId"])["UserPoolClient"]
            for page in pages
            for each in page["UserPoolClients"]
        )

    return _either(read)


def domain(facts: Facts) -> Document:
    """Return Cognito's own custom domain, described; empty where there is no domain of that name."""
    name = facts.settings.managed_login_domain
    return _either(lambda side: cognito(facts, side).describe_user_pool_domain(Domain=name)["DomainDescription"])


def _either[T](read: Callable[[Side], T]) -> T:
    """Read from the primary, or else from its replica, which shows the same; with both silent the primary's error."""
    try:
        return read(Side.PRIMARY)
    except (BotoCoreError, ClientError, UnreadError) as of_primary:
        try:
            return read(Side.STANDBY)
        except (BotoCoreError, ClientError, UnreadError):
            raise of_primary from None
