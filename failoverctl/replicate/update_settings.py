"""What an update of a pool must repeat, since ``UpdateUserPool`` resets what it isn't given."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

CHANGEABLE_SETTINGS = frozenset(
    {"LastModifiedDate", "EstimatedNumberOfUsers", "KeyConfiguration", "IssuerConfiguration"}
)
"""What of a pool may differ after an update."""

_NAME_KEY, _TAGS_KEY = "PoolName", "UserPoolTags"

_RESERVED_TAG_PREFIX = "aws:"
"""What the names of AWS's own tags begin with, such as CloudFormation's; nobody else may give them."""


def list_update_members(cognito: Any) -> frozenset[str]:
    """Return the settings that boto3's model of ``UpdateUserPool`` takes."""
    shape = cognito.meta.service_model.operation_model("UpdateUserPool").input_shape
    return frozenset(shape.members)


def build_update_settings(pool: Mapping[str, Any], members: Collection[str]) -> dict[str, Any]:
    """Return a pool's present settings in the form in which an update takes them.

    Parameters
    ----------
    pool
        As ``DescribeUserPool`` shows it.
    members
        What ``UpdateUserPool`` takes.

    """
    # Empty texts, lists and objects are what the service shows for "not set", and refuses when given.
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
    """Return a pool with the days of a temporary password in one place: two are shown, and refused if both given."""
    settings = deepcopy(dict(pool))
    created = settings.get("AdminCreateUserConfig", {})
    days = created.pop("UnusedAccountValidityDays", None)
    if days is not None:
        settings.setdefault("Policies", {}).setdefault("PasswordPolicy", {}).setdefault(
            "TemporaryPasswordValidityDays", days
        )
    return settings


def find_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an update changed without being told to, with the values from before."""
    was, now = _with_single_validity(before), _with_single_validity(after)
    return {
        name: before.get(name)
        for name in sorted({*was, *now})
        if name not in CHANGEABLE_SETTINGS and was.get(name) != now.get(name)
    }
