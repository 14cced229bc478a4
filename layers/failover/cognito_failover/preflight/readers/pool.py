"""Readers of the user pool in each Region."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.region import RegionRole
from cognito_failover.preflight.facts import FactUnavailableError, ServiceResponse, Snapshot

_PAGE_SIZE = 60
_HOUR_SECONDS = 3600

MAX_DESCRIBED_CLIENTS = 40
"""The number of app clients that one run describes."""

_READ_INTERVAL_SECONDS = 0.1
"""The pause after each description, which leaves reads to others in the account."""


def get_cognito_client(snapshot: Snapshot, role: RegionRole) -> Any:
    """Return the client of Cognito in a Region."""
    return snapshot.context.get_client("cognito-idp", snapshot.settings.regions[role])


def get_error_code(error: ClientError) -> str:
    """Return the service's error code."""
    return str(error.response["Error"].get("Code", ""))


def read_pool(snapshot: Snapshot, role: RegionRole) -> ServiceResponse:
    """Return the pool as a Region describes it."""
    client = get_cognito_client(snapshot, role)
    pool_id = snapshot.settings.user_pool_id
    try:
        description: ServiceResponse = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except client.exceptions.ResourceNotFoundException:
        raise FactUnavailableError(f"{snapshot.settings.regions[role]} has no user pool {pool_id}.") from None
    return description


def read_replicated_settings(snapshot: Snapshot) -> ServiceResponse:
    """Return the pool's description from either Region. Use only settings that are the same in both."""
    return _read_from_either(lambda role: snapshot.read(read_pool, role))


def list_replicas(snapshot: Snapshot) -> tuple[ServiceResponse, ...]:
    """Return the pool's replicas, including the primary. Empty if the pool does not exist."""

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
    """Return the pool's MFA settings."""
    return _read_from_either(
        lambda role: get_cognito_client(snapshot, role).get_user_pool_mfa_config(
            UserPoolId=snapshot.settings.user_pool_id
        )
    )


def read_risk_configuration(snapshot: Snapshot, role: RegionRole) -> ServiceResponse:
    """Return a Region's threat protection settings. Empty if the pool has none."""
    client = get_cognito_client(snapshot, role)
    try:
        response: ServiceResponse = client.describe_risk_configuration(UserPoolId=snapshot.settings.user_pool_id)
    except client.exceptions.UserPoolAddOnNotEnabledException:
        return {}
    configuration: ServiceResponse = response["RiskConfiguration"]
    return configuration


def read_log_exports(snapshot: Snapshot, role: RegionRole) -> frozenset[tuple[str, str]]:
    """Return the logs that a Region exports, each with source and level."""
    response = get_cognito_client(snapshot, role).get_log_delivery_configuration(
        UserPoolId=snapshot.settings.user_pool_id
    )
    configurations = response.get("LogDeliveryConfiguration", {}).get("LogConfigurations", ())
    return frozenset((log["EventSource"], log["LogLevel"]) for log in configurations)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppClients:
    """The number of the pool's app clients, and the descriptions of some or all of them."""

    total: int
    described: tuple[ServiceResponse, ...]


def read_app_clients(snapshot: Snapshot) -> AppClients:
    """Return the app clients. Of a pool with many, each hour describes others.

    Each description is a read of the category UserPoolClientRead, which has 15 a second for the whole account.
    """

    def read(role: RegionRole) -> AppClients:
        client, pool_id = get_cognito_client(snapshot, role), snapshot.settings.user_pool_id
        pages = client.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE_SIZE}
        )
        ids = sorted(str(app["ClientId"]) for page in pages for app in page["UserPoolClients"])
        start = int(snapshot.now // _HOUR_SECONDS) * MAX_DESCRIBED_CLIENTS % max(len(ids), 1)
        described = []
        for client_id in (ids[start:] + ids[:start])[:MAX_DESCRIBED_CLIENTS]:
            answer = client.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
            described.append(answer["UserPoolClient"])
            time.sleep(_READ_INTERVAL_SECONDS)
        return AppClients(total=len(ids), described=tuple(described))

    return _read_from_either(read)


def read_custom_domain(snapshot: Snapshot) -> ServiceResponse:
    """Return the description of Cognito's custom domain. Empty if there is no domain of that name."""
    name = snapshot.settings.managed_login_domain
    return _read_from_either(
        lambda role: get_cognito_client(snapshot, role).describe_user_pool_domain(Domain=name)["DomainDescription"]
    )


def _read_from_either[T](read: Callable[[RegionRole], T]) -> T:
    """Return the fact from the primary, or from the replica if that fails. Raise the primary's error if both fail."""
    try:
        return read(RegionRole.PRIMARY)
    except (BotoCoreError, ClientError, FactUnavailableError) as primary_error:
        try:
            return read(RegionRole.STANDBY)
        except (BotoCoreError, ClientError, FactUnavailableError):
            raise primary_error from None
