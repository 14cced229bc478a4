"""The engine's stored state, to set what no call can set: temporary states, and settings unknown to boto3."""

from typing import Any

from tests.integration.sandbox_cognito.cloud import PRIMARY, InProcessCloud


def get_stored_key(cloud: InProcessCloud, region: str) -> dict[str, Any]:
    """Return the account's one key in a Region."""
    from ministack.services import kms  # noqa: PLC0415 - only after STATE_DIR is set, as in the sandbox

    return _get_only(cloud, region, kms._keys)  # noqa: SLF001 - there is no public access to the state


def get_stored_secret(cloud: InProcessCloud) -> dict[str, Any]:
    """Return the account's one secret in the primary Region."""
    from ministack.services import secretsmanager  # noqa: PLC0415 - as above

    return _get_only(cloud, PRIMARY, secretsmanager._secrets)  # noqa: SLF001 - as above


def get_stored_pool(cloud: InProcessCloud) -> dict[str, Any]:
    """Return the account's one pool in the primary Region."""
    from ministack.services import cognito  # noqa: PLC0415 - as above

    return _get_only(cloud, PRIMARY, cognito._user_pools)  # noqa: SLF001 - as above


def _get_only(cloud: InProcessCloud, region: str, state: Any) -> dict[str, Any]:
    owner = (cloud.account, region)
    (stored,) = [value for (account, place, _), value in state.all_items() if (account, place) == owner]
    content: dict[str, Any] = stored
    return content
