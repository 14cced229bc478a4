"""The replicated and the regional parts of a user pool."""

from copy import deepcopy
from typing import Any

from sandbox.cognito.pools import UserPoolState
from sandbox.cognito.security_settings import LOG_DELIVERY_KEY, RISK_CONFIGURATION_KEY

_REGIONAL_DEFAULTS: dict[str, Any] = {
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "SmsConfiguration": {},
    "LambdaConfig": {},
    "UserPoolTags": {},
    RISK_CONFIGURATION_KEY: {},
    LOG_DELIVERY_KEY: [],
    "Domain": None,
    "CustomDomain": None,
    "_custom_domain_config": {},
    "_managed_login_versions": {},
}
"""Regional settings, with their values in a new replica."""

REGIONAL_SETTINGS = frozenset(name for name in _REGIONAL_DEFAULTS if name.endswith(("Configuration", "Config", "Tags")))
"""The regional settings that ``UpdateUserPool`` sets."""

_REPLICATED_COLLECTIONS = frozenset({"_clients", "_groups", "_users"})
_REGIONAL_USER_FIELDS = frozenset({"_auth_events", "_origin_jtis", "_signout_at"})
"""The engine's fields of a user about sign-ins and sign-outs."""


def build_replica(primary: UserPoolState, region: str, tags: dict[str, str]) -> UserPoolState:
    """Return a new replica: the primary's replicated settings, without users and app clients."""
    replica: UserPoolState = (
        {name: {} for name in _REPLICATED_COLLECTIONS} | deepcopy(_REGIONAL_DEFAULTS) | {"UserPoolTags": tags}
    )
    apply_snapshot(
        {name: value for name, value in capture_snapshot(primary).items() if name not in _REPLICATED_COLLECTIONS},
        replica,
        region,
    )
    return replica


def capture_snapshot(primary: UserPoolState) -> UserPoolState:
    """Return a copy of a pool's replicated state."""
    # Copy the items to lists: sign-ins in other threads may add to the dictionaries.
    snapshot = {
        name: deepcopy(value)
        for name, value in list(primary.items())
        if name not in _REGIONAL_DEFAULTS and name != "_users"
    }
    snapshot["_users"] = {
        name: {field: deepcopy(value) for field, value in list(user.items()) if field not in _REGIONAL_USER_FIELDS}
        for name, user in list(primary["_users"].items())
    }
    return snapshot


def apply_snapshot(snapshot: UserPoolState, replica: UserPoolState, region: str) -> None:
    """Replace a replica's replicated state with a snapshot of its primary."""
    users = replica["_users"]
    for name in [name for name in replica if name not in _REGIONAL_DEFAULTS and name not in snapshot]:
        if name not in _REPLICATED_COLLECTIONS:
            del replica[name]
    replica.update(deepcopy(snapshot))
    replica["Arn"] = replace_region(snapshot["Arn"], region)
    if arn := snapshot.get("KeyConfiguration", {}).get("KmsKeyArn"):
        replica["KeyConfiguration"]["KmsKeyArn"] = replace_region(arn, region)
    for name, user in replica["_users"].items():
        regional = users.get(name, {})
        user.update({field: regional[field] for field in _REGIONAL_USER_FIELDS if field in regional})


def replace_region(arn: str, region: str) -> str:
    """Return an ARN with another Region."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)
