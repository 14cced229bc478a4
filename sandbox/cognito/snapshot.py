"""What of a user pool replicates, and what each Region keeps for itself."""

from copy import deepcopy
from typing import Any

from sandbox.cognito.pools import Pool
from sandbox.cognito.protection import LOGS, RISK

_REGIONAL: dict[str, Any] = {
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "SmsConfiguration": {},
    "LambdaConfig": {},
    "UserPoolTags": {},
    RISK: {},
    LOGS: [],
    "Domain": None,
    "CustomDomain": None,
    "_custom_domain_config": {},
    "_managed_login_versions": {},
}
"""Settings of each Region's own, and what a new replica has instead of its primary's."""

REGIONAL_SETTINGS = frozenset(name for name in _REGIONAL if name.endswith(("Configuration", "Config", "Tags")))
"""Those of them that ``UpdateUserPool`` sets."""

_ARRIVES_LATER = frozenset({"_clients", "_groups", "_users"})
_OF_ONE_REGION = frozenset({"_auth_events", "_origin_jtis", "_signout_at"})
"""What the engine keeps in a user about sign-ins and sign-outs."""


def new_replica(primary: Pool, region: str, tags: dict[str, str]) -> Pool:
    """Return a replica as it first appears: the settings, and no user or app client yet."""
    replica: Pool = {name: {} for name in _ARRIVES_LATER} | deepcopy(_REGIONAL) | {"UserPoolTags": tags}
    merge({name: value for name, value in capture(primary).items() if name not in _ARRIVES_LATER}, replica, region)
    return replica


def capture(primary: Pool) -> Pool:
    """Return a copy of what replicates of a pool."""
    # Lists of the items: sign-ins in other threads may add to the dictionaries meanwhile.
    captured = {
        name: deepcopy(value) for name, value in list(primary.items()) if name not in _REGIONAL and name != "_users"
    }
    captured["_users"] = {
        name: {field: deepcopy(value) for field, value in list(user.items()) if field not in _OF_ONE_REGION}
        for name, user in list(primary["_users"].items())
    }
    return captured


def merge(captured: Pool, replica: Pool, region: str) -> None:
    """Let a replica become what was captured of its primary, all but what is its Region's own."""
    users = replica["_users"]
    for name in [name for name in replica if name not in _REGIONAL and name not in captured]:
        if name not in _ARRIVES_LATER:
            del replica[name]
    replica.update(deepcopy(captured))
    replica["Arn"] = in_region(captured["Arn"], region)
    if arn := captured.get("KeyConfiguration", {}).get("KmsKeyArn"):
        replica["KeyConfiguration"]["KmsKeyArn"] = in_region(arn, region)
    for name, user in replica["_users"].items():
        own = users.get(name, {})
        user.update({field: own[field] for field in _OF_ONE_REGION if field in own})


def in_region(arn: str, region: str) -> str:
    """Return an ARN with another Region in it."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)
