"""The user pool with its key and issuer, its replica, and its app client."""

from typing import TYPE_CHECKING, Any

from sandbox.reference_setup.polling import Poller, find_unique

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import IssuerConfigurationTypeTypeDef, KeyConfigurationTypeTypeDef

_ISSUER_CONFIGURATION: "IssuerConfigurationTypeTypeDef" = {"Type": "UPDATED"}


def ensure_pool(cognito: "CognitoIdentityProviderClient", name: str, key_arn: str) -> str:
    """Ensure that a user pool with this name, this key and the UPDATED issuer exists. Return its id."""
    key: KeyConfigurationTypeTypeDef = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn}
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    pool_id = find_unique(
        f"user pools named {name!r}",
        (pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == name),
    )
    if pool_id is None:
        created = cognito.create_user_pool(
            PoolName=name,
            UserPoolTier="ESSENTIALS",
            KeyConfiguration=key,
        )
        pool_id = created["UserPool"]["Id"]
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    if pool.get("KeyConfiguration") != key or pool.get("IssuerConfiguration") != _ISSUER_CONFIGURATION:
        changed = {"KeyConfiguration": key, "IssuerConfiguration": _ISSUER_CONFIGURATION}
        cognito.update_user_pool(UserPoolId=pool_id, **_build_update_settings(cognito, dict(pool)) | changed)
    return pool_id


def ensure_replica(
    cognito: "CognitoIdentityProviderClient",
    pool_id: str,
    region: str,
    poller: Poller,
) -> None:
    """Ensure that the pool has an ACTIVE replica in a Region."""
    if _find_replica_status(cognito, pool_id, region) is None:
        cognito.create_user_pool_replica(UserPoolId=pool_id, RegionName=region)
    status = poller.wait_until(
        f"The replica of {pool_id} in {region} is created",
        lambda: _match_status(("ACTIVE", "INACTIVE"), _find_replica_status(cognito, pool_id, region)),
    )
    if status == "INACTIVE":
        cognito.update_user_pool_replica(UserPoolId=pool_id, RegionName=region, Status="ACTIVE")
    poller.wait_until(
        f"The replica of {pool_id} in {region} is active",
        lambda: _match_status(("ACTIVE",), _find_replica_status(cognito, pool_id, region)),
    )


def ensure_client(cognito: "CognitoIdentityProviderClient", pool_id: str, name: str) -> str:
    """Ensure that an app client with this name exists. Return its id."""
    pages = cognito.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=pool_id,
        PaginationConfig={"PageSize": 60},
    )
    clients = (client for page in pages for client in page["UserPoolClients"])
    client_id = find_unique(
        f"app clients named {name!r} in {pool_id}",
        (client["ClientId"] for client in clients if client["ClientName"] == name),
    )
    if client_id is not None:
        return client_id
    created = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=name,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    )
    return created["UserPoolClient"]["ClientId"]


def _build_update_settings(cognito: "CognitoIdentityProviderClient", pool: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's settings as input of an update. The update resets the settings that its input lacks."""
    shape = cognito.meta.service_model.operation_model("UpdateUserPool").input_shape
    settings = {name: value for name, value in pool.items() if shape and name in shape.members and value}
    # Replaced by the password policy's TemporaryPasswordValidityDays. The service rejects both together.
    settings.get("AdminCreateUserConfig", {}).pop("UnusedAccountValidityDays", None)
    return settings


def _find_replica_status(cognito: "CognitoIdentityProviderClient", pool_id: str, region: str) -> str | None:
    replicas = cognito.list_user_pool_replicas(UserPoolId=pool_id)["UserPoolReplicas"]
    return next((str(replica["Status"]) for replica in replicas if replica["RegionName"] == region), None)


def _match_status(expected: tuple[str, ...], status: str | None) -> str | None:
    return status if status in expected else None
