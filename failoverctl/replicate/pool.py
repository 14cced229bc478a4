"""The user pool: its key and its issuer, and nothing else of it changed."""

from typing import Any

from failoverctl.replicate.errors import NotKeptError, RefusedError
from failoverctl.replicate.keys import find_key
from failoverctl.replicate.settings import differences, members_of_update, repeated
from failoverctl.replicate.site import Pool, Site
from failoverctl.replicate.step import Finding, Meaning, Patience, State

_TIER = "ESSENTIALS"
_ISSUER = {"Type": "UPDATED"}
_REPEATED = "all other settings of the pool are repeated as they are"
_BREAKS = (
    "The iss of every new token changes, and with it where its keys and its OpenID configuration are. Whatever checks "
    "tokens must accept both issuers before this is done: APIs, gateways, libraries, identity pools. Load balancers "
    "that sign in with Cognito, and API Gateway's Cognito authorizers, don't work with the new issuer at all."
)


class PoolKey:
    """The pool, encrypted with the key: a new one, or an existing one that is told to use it."""

    meaning = Meaning(name="pool", why="Cognito replicates only a pool that is encrypted with such a key.")
    patience = Patience(seconds=60)

    def look(self, site: Site) -> Finding:
        """See whether the pool is there and uses the key."""
        pool = site.pool()
        if pool is None:
            return Finding(
                state=State.CHANGE,
                found=f"no user pool {site.wish.new_pool} in {site.wish.primary}",
                wanted=f"a new one of the tier {_TIER}, with the key, the issuer UPDATED and defaults for all else",
            )
        key = find_key(site)
        configured = pool.get("KeyConfiguration", {})
        if key and configured == _configuration(key["Arn"]):
            return Finding(state=State.DONE, found=f"{pool['Id']} is encrypted with {key['Arn']}")
        return Finding(
            state=State.CHANGE,
            found=f"{pool['Id']} is encrypted with {configured.get('KmsKeyArn', 'a key that AWS owns')}",
            wanted=f"with {key['Arn'] if key else 'the new key'}; {_REPEATED}",
        )

    def change(self, site: Site) -> None:
        """Create the pool, or change its key."""
        key = find_key(site)
        if key is None:
            raise RefusedError("There is no key for the pool any more.")
        pool = site.pool()
        if pool is None:
            site.primary.create_user_pool(
                PoolName=site.wish.new_pool,
                UserPoolTier=_TIER,
                KeyConfiguration=_configuration(key["Arn"]),
                IssuerConfiguration=_ISSUER,
            )
            return
        _update(site, pool, {"KeyConfiguration": _configuration(key["Arn"])})


class Issuer:
    """The issuer that both Regions' tokens have in common."""

    meaning = Meaning(
        name="issuer",
        why="With the issuer ORIGINAL the tokens of the two Regions name different issuers, and differ in their keys' "
        "address; with UPDATED one check of tokens is good for both.",
    )
    patience = Patience(seconds=60)

    def look(self, site: Site) -> Finding:
        """See which one the pool has."""
        pool = site.pool()
        if pool is None:
            return Finding(
                state=State.CHANGE,
                found="no pool yet",
                wanted=f"https://issuer-cognito-idp.{site.wish.primary}.amazonaws.com/ and the new pool's id",
            )
        pool_id = pool["Id"]
        new = f"https://issuer-cognito-idp.{site.wish.primary}.amazonaws.com/{pool_id}"
        if pool.get("IssuerConfiguration") == _ISSUER:
            return Finding(state=State.DONE, found=f"tokens are issued by {new}")
        return Finding(
            state=State.CHANGE,
            found=f"tokens are issued by https://cognito-idp.{site.wish.primary}.amazonaws.com/{pool_id}",
            wanted=f"by {new}; {_REPEATED}",
            breaks=_BREAKS,
        )

    def change(self, site: Site) -> None:
        """Change it."""
        _update(site, site.existing_pool(), {"IssuerConfiguration": _ISSUER})


def _configuration(key_arn: str) -> dict[str, str]:
    return {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn}


def _update(site: Site, pool: Pool, change: dict[str, Any]) -> None:
    """Change these settings of a pool, and see that all others are as before.

    Raises
    ------
    NotKeptError
        If they are not; with what they were.

    """
    cognito, pool_id = site.primary, pool["Id"]
    second_factors = _second_factors(cognito, pool_id)
    cognito.update_user_pool(UserPoolId=pool_id, **repeated(pool, members_of_update(cognito)) | change)
    lost = differences(
        {**pool, "GetUserPoolMfaConfig": second_factors},
        {**site.anew().existing_pool(), "GetUserPoolMfaConfig": _second_factors(cognito, pool_id)},
    )
    if lost:
        raise NotKeptError(f"{pool_id} has lost settings by the update. Set them back to what they were: {lost}")


def _second_factors(cognito: Any, pool_id: str) -> dict[str, Any]:
    """Return what ``SetUserPoolMfaConfig`` sets, which ``DescribeUserPool`` doesn't show and no update takes."""
    found: dict[str, Any] = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}
