"""Settings that an update of a pool must repeat: ``UpdateUserPool`` resets settings that it does not get."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

CHANGEABLE_SETTINGS = frozenset(
    {"LastModifiedDate", "EstimatedNumberOfUsers", "KeyConfiguration", "IssuerConfiguration"}
)
"""Settings of a pool that may differ after an update."""

_NAME_KEY, _TAGS_KEY = "PoolName", "UserPoolTags"

_RESERVED_TAG_PREFIX = "aws:"
"""Prefix of AWS's own tags, such as CloudFormation's. Only AWS can set them."""


def list_update_members(cognito: Any) -> frozenset[str]:
    """Return the settings in boto3's model of ``UpdateUserPool``."""
    shape = cognito.meta.service_model.operation_model("UpdateUserPool").input_shape
    return frozenset(shape.members)


def build_update_settings(pool: Mapping[str, Any], members: Collection[str]) -> dict[str, Any]:
    """Return a pool's current settings in the form that an update accepts.

    Parameters
    ----------
    pool
        The pool, as ``DescribeUserPool`` returns it.
    members
        The settings that ``UpdateUserPool`` accepts.

    """
    # The service returns empty texts, lists and objects for settings that are not set, and refuses them in an update.
    settings = {
        name: value
        for name, value in _without_reserved_tags(_with_single_validity(pool)).items()
        if name in members and value not in ("", [], {})
    }
    if _NAME_KEY in members:
        settings[_NAME_KEY] = pool["Name"]
    return settings


def _without_reserved_tags(pool: Mapping[str, Any]) -> dict[str, Any]:
    tags = pool.get(_TAGS_KEY) or {}
    return {
        **pool,
        _TAGS_KEY: {name: value for name, value in tags.items() if not name.startswith(_RESERVED_TAG_PREFIX)},
    }


def _with_single_validity(pool: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool with a temporary password's validity in one field. AWS returns two fields, and refuses both."""
    settings = deepcopy(dict(pool))
    days = settings.get("AdminCreateUserConfig", {}).pop("UnusedAccountValidityDays", None)
    if days is not None:
        settings.setdefault("Policies", {}).setdefault("PasswordPolicy", {}).setdefault(
            "TemporaryPasswordValidityDays", days
        )
    return settings


def find_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that an update changed unexpectedly, with their old values."""
    old, new = _with_single_validity(before), _with_single_validity(after)
    return {
        name: before.get(name)
        for name in sorted({*old, *new})
        if name not in CHANGEABLE_SETTINGS and old.get(name) != new.get(name)
    }
