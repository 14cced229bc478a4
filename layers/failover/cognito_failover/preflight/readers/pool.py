"""Readings of the user pool, in each of its Regions."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.region import RegionRole
from cognito_failover.preflight.facts import FactUnavailableError, ServiceResponse, Snapshot

_PAGE_SIZE = 60


def get_cognito_client(snapshot: Snapshot, role: RegionRole) -> Any:
    """Return the client of Cognito in a Region."""
    return snapshot.context.get_client("cognito-idp", snapshot.settings.regions[role])


def get_error_code(error: ClientError) -> str:
    """Return the error code that a service answered."""
    return str(error.response["Error"].get("Code", ""))


def read_pool(snapshot: Snapshot, role: RegionRole) -> ServiceResponse:
    """Return the pool as a Region describes it."""
    client = get_cognito_client(snapshot, role)
    pool_id = snapshot.settings.user_pool_id
    try:
        description: ServiceResponse = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except client.exceptions.ResourceNotFoundException:
        raise FactUnavailableError(f"{snapshot.settings.regions[role]} knows no user pool {pool_id}.") from None
    return description


def read_replicated_settings(snapshot: Snapshot) -> ServiceResponse:
    """Return the pool as far as it is the same in both Regions: from whichever of them answers."""
    return _read_from_either(lambda side: snapshot(read_pool, side))


def list_replicas(snapshot: Snapshot) -> tuple[ServiceResponse, ...]:
    """Return the pool's replicas, the primary among them; none where there is no such pool."""

    def list_from(role: RegionRole) -> Iterator[ServiceResponse]:
        client, token = get_cognito_client(snapshot, role), dict[str, str]()
        while True:  # the SDK has no paginator for it
            page = client.list_user_pool_replicas(UserPoolId=snapshot.settings.user_pool_id, **token)
            yield from page["UserPoolReplicas"]
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}

    def read(role: RegionRole) -> tuple[ServiceResponse, ...]:
        try:
            return tuple(list_from(role))
        except ClientError as error:
            if get_error_code(error) == "ResourceNotFoundException":
                return ()
            raise

    return _read_from_either(read)


def read_mfa_config(snapshot: Snapshot) -> ServiceResponse:
    """Return what the pool asks for besides a password."""
    return _read_from_either(
        lambda side: get_cognito_client(snapshot, side).get_user_pool_mfa_config(
            UserPoolId=snapshot.settings.user_pool_id
        )
    )


def read_risk_configuration(snapshot: Snapshot, role: RegionRole) -> ServiceResponse:
    """Return a Region's threat protection; empty where the pool has none."""
    client = get_cognito_client(snapshot, role)
    try:
        response: ServiceResponse = client.describe_risk_configuration(UserPoolId=snapshot.settings.user_pool_id)
    except client.exceptions.UserPoolAddOnNotEnabledException:
        return {}
    configuration: ServiceResponse = response["RiskConfiguration"]
    return configuration


def read_log_exports(snapshot: Snapshot, role: RegionRole) -> frozenset[tuple[str, str]]:
    """Return what logs a Region exports: source and level of each."""
    response = get_cognito_client(snapshot, role).get_log_delivery_configuration(
        UserPoolId=snapshot.settings.user_pool_id
    )
    configurations = response.get("LogDeliveryConfiguration", {}).get("LogConfigurations", ())
    return frozenset((each["EventSource"], each["LogLevel"]) for each in configurations)


def read_app_clients(snapshot: Snapshot) -> tuple[ServiceResponse, ...]:
    """Return every app client, described."""

    def read(role: RegionRole) -> tuple[ServiceResponse, ...]:
        client, pool_id = get_cognito_client(snapshot, role), snapshot.settings.user_pool_id
        pages = client.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE_SIZE}
        )
        return tuple(
            client.describe_user_pool_client(UserPoolId=pool_id, ClientId=each["ClientId"])["UserPoolClient"]
            for page in pages
            for each in page["UserPoolClients"]
        )

    return _read_from_either(read)


def read_custom_domain(snapshot: Snapshot) -> ServiceResponse:
    """Return Cognito's own custom domain, described; empty where there is no domain of that name."""
    name = snapshot.settings.managed_login_domain
    return _read_from_either(
        lambda side: get_cognito_client(snapshot, side).describe_user_pool_domain(Domain=name)["DomainDescription"]
    )


def _read_from_either[T](read: Callable[[RegionRole], T]) -> T:
    """Read from the primary, or else from its replica, which shows the same; with both silent the primary's error."""
    try:
        return read(RegionRole.PRIMARY)
    except (BotoCoreError, ClientError, FactUnavailableError) as of_primary:
        try:
            return read(RegionRole.STANDBY)
        except (BotoCoreError, ClientError, FactUnavailableError):
            raise of_primary from None
