"""What of a user pool replicates, and what each Region keeps for itself."""

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
"""Settings of each Region's own, and what a new replica has instead of its primary's."""

REGIONAL_SETTINGS = frozenset(name for name in _REGIONAL_DEFAULTS if name.endswith(("Configuration", "Config", "Tags")))
"""Those of them that ``UpdateUserPool`` sets."""

_REPLICATED_COLLECTIONS = frozenset({"_clients", "_groups", "_users"})
_REGIONAL_USER_FIELDS = frozenset({"_auth_events", "_origin_jtis", "_signout_at"})
"""What the engine keeps in a user about sign-ins and sign-outs."""


def build_replica(primary: UserPoolState, region: str, tags: dict[str, str]) -> UserPoolState:
    """Return a replica as it first appears: the settings, and no user or app client yet."""
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
    """Return a copy of what replicates of a pool."""
    # Lists of the items: sign-ins in other threads may add to the dictionaries meanwhile.
    captured = {
        name: deepcopy(value)
        for name, value in list(primary.items())
        if name not in _REGIONAL_DEFAULTS and name != "_users"
    }
    captured["_users"] = {
        name: {field: deepcopy(value) for field, value in list(user.items()) if field not in _REGIONAL_USER_FIELDS}
        for name, user in list(primary["_users"].items())
    }
    return captured


def apply_snapshot(snapshot: UserPoolState, replica: UserPoolState, region: str) -> None:
    """Let a replica become what was captured of its primary, all but what is its Region's own."""
    users = replica["_users"]
    for name in [name for name in replica if name not in _REGIONAL_DEFAULTS and name not in snapshot]:
        if name not in _REPLICATED_COLLECTIONS:
            del replica[name]
    replica.update(deepcopy(snapshot))
    replica["Arn"] = replace_region(snapshot["Arn"], region)
    if arn := snapshot.get("KeyConfiguration", {}).get("KmsKeyArn"):
        replica["KeyConfiguration"]["KmsKeyArn"] = replace_region(arn, region)
    for name, user in replica["_users"].items():
        own = users.get(name, {})
        user.update({field: own[field] for field in _REGIONAL_USER_FIELDS if field in own})


def replace_region(arn: str, region: str) -> str:
    """Return an ARN with another Region in it."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)
