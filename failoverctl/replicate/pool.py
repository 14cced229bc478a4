"""Steps for the user pool's key and issuer. They change no other setting."""

from typing import Any

from failoverctl.replicate.context import Pool, ReplicationContext
from failoverctl.replicate.errors import ReplicationRefusedError, UnexpectedChangeError
from failoverctl.replicate.keys import find_key
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy
from failoverctl.replicate.update_settings import build_update_settings, find_differences, list_update_members

_NEW_POOL_TIER = "ESSENTIALS"
_ISSUER_CONFIGURATION = {"Type": "UPDATED"}
_OTHER_SETTINGS_KEPT = "all other settings of the pool are kept"
_BREAKING_CHANGE = (
    "The iss of every new token changes, and so do the addresses of its keys and its OpenID configuration. Everything "
    "that checks tokens must accept both issuers first: APIs, gateways, libraries, identity pools. Load balancers that "
    "sign in with Cognito, and API Gateway's Cognito authorizers, don't work with the new issuer at all."
)


class PoolKey:
    """A new or existing pool that is encrypted with the key."""

    description = StepDescription(
        name="pool", purpose="Cognito replicates only pools that are encrypted with a multi-Region key."
    )
    wait_policy = WaitPolicy(timeout_seconds=60)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the pool exists and uses the key."""
        pool = context.find_pool()
        if pool is None:
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"no user pool {context.spec.new_pool_name} in {context.spec.primary_region}",
                desired=f"a new pool of tier {_NEW_POOL_TIER} with the key, issuer UPDATED and defaults for the rest",
            )
        key = find_key(context)
        configured = pool.get("KeyConfiguration", {})
        if key and configured == _build_key_configuration(key["Arn"]):
            return StepStatus(state=StepState.DONE, actual=f"{pool['Id']} is encrypted with {key['Arn']}")
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"{pool['Id']} is encrypted with {configured.get('KmsKeyArn', 'a key that AWS owns')}",
            desired=f"with {key['Arn'] if key else 'the new key'}; {_OTHER_SETTINGS_KEPT}",
        )

    def apply(self, context: ReplicationContext) -> None:
        """Create the pool, or change its key."""
        key = find_key(context)
        if key is None:
            raise ReplicationRefusedError("The key for the pool no longer exists.")
        pool = context.find_pool()
        if pool is None:
            context.primary_cognito.create_user_pool(
                PoolName=context.spec.new_pool_name,
                UserPoolTier=_NEW_POOL_TIER,
                KeyConfiguration=_build_key_configuration(key["Arn"]),
                IssuerConfiguration=_ISSUER_CONFIGURATION,
            )
            return
        _update_pool(context, pool, {"KeyConfiguration": _build_key_configuration(key["Arn"])})


class PoolIssuer:
    """The common issuer of both Regions' tokens."""

    description = StepDescription(
        name="issuer",
        purpose="With issuer ORIGINAL, tokens of the two Regions have different issuers and addresses of keys. With "
        "UPDATED, one token check works for both.",
    )
    wait_policy = WaitPolicy(timeout_seconds=60)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return which issuer the pool has."""
        pool, region = context.find_pool(), context.spec.primary_region
        if pool is None:
            return StepStatus(
                state=StepState.CHANGE,
                actual="no pool yet",
                desired=f"https://issuer-cognito-idp.{region}.amazonaws.com/ and the new pool's id",
            )
        pool_id = pool["Id"]
        new_issuer = f"https://issuer-cognito-idp.{region}.amazonaws.com/{pool_id}"
        if pool.get("IssuerConfiguration") == _ISSUER_CONFIGURATION:
            return StepStatus(state=StepState.DONE, actual=f"tokens are issued by {new_issuer}")
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"tokens are issued by https://cognito-idp.{region}.amazonaws.com/{pool_id}",
            desired=f"by {new_issuer}; {_OTHER_SETTINGS_KEPT}",
            breaking_change=_BREAKING_CHANGE,
        )

    def apply(self, context: ReplicationContext) -> None:
        """Change the issuer."""
        _update_pool(context, context.require_pool(), {"IssuerConfiguration": _ISSUER_CONFIGURATION})


def _build_key_configuration(key_arn: str) -> dict[str, str]:
    return {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn}


def _update_pool(context: ReplicationContext, pool: Pool, change: dict[str, Any]) -> None:
    """Change settings of a pool, and verify that all other settings are unchanged.

    Raises
    ------
    UnexpectedChangeError
        If another setting changed. The message has the old values.

    """
    cognito, pool_id = context.primary_cognito, pool["Id"]
    mfa_config = _read_mfa_config(cognito, pool_id)
    cognito.update_user_pool(UserPoolId=pool_id, **build_update_settings(pool, list_update_members(cognito)) | change)
    lost_settings = find_differences(
        {**pool, "GetUserPoolMfaConfig": mfa_config},
        {**context.with_empty_cache().require_pool(), "GetUserPoolMfaConfig": _read_mfa_config(cognito, pool_id)},
    )
    if lost_settings:
        raise UnexpectedChangeError(
            f"The update changed other settings of {pool_id}. Restore their old values: {lost_settings}"
        )


def _read_mfa_config(cognito: Any, pool_id: str) -> dict[str, Any]:
    """Return the settings of ``SetUserPoolMfaConfig``, which are not in ``DescribeUserPool`` and ``UpdateUserPool``."""
    response: dict[str, Any] = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
