"""The world that the steps look at: clients by service and Region, and what several steps need to read of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.unknown import refuse_unknown_settings
from failoverctl.replicate.wish import CANARY, CLIENT_NAME, Wish

type Pool = Mapping[str, Any]
"""A pool, as ``DescribeUserPool`` shows it."""

_PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is wanted, and where to look; what several parts of one look need is read once for it.

    Attributes
    ----------
    wish
        What is wanted.
    client
        Returns the boto3 client of a service in a Region.

    """

    wish: Wish
    client: Callable[[str, str], Any]
    _seen: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def anew(self) -> "Site":
        """Return a site that has seen nothing yet."""
        return Site(wish=self.wish, client=self.client)

    @property
    def primary(self) -> Any:
        """Cognito in the primary Region."""
        return self.client("cognito-idp", self.wish.primary)

    @property
    def standby(self) -> Any:
        """Cognito in the standby Region."""
        return self.client("cognito-idp", self.wish.standby)

    def pool(self) -> Pool | None:
        """Return the pool; None if it is still to be created.

        Raises
        ------
        RefusedError
            If an existing one can't be found, several have the name of the new one, or boto3 doesn't know all of it.

        """
        if "pool" not in self._seen:
            self._seen["pool"] = self._described_pool()
        pool: Pool | None = self._seen["pool"]
        return pool

    def _described_pool(self) -> Pool | None:
        pool_id = self.wish.pool_id or only(
            f"user pools named {self.wish.new_pool} in {self.wish.primary}; give --pool the id of the one you mean",
            (pool["Id"] for pool in self._pools() if pool["Name"] == self.wish.new_pool),
        )
        if pool_id is None:
            return None
        cognito = self.primary
        try:
            with refuse_unknown_settings(cognito):
                pool: Pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        except cognito.exceptions.ResourceNotFoundException:
            raise RefusedError(
                f"There is no user pool {pool_id} in {self.wish.primary}, or not in this account."
            ) from None
        return pool

    def existing_pool(self) -> Pool:
        """Return the pool, which an earlier step has seen to.

        Raises
        ------
        RefusedError
            If it has gone since.

        """
        pool = self.pool()
        if pool is None:
            raise RefusedError(f"There is no user pool {self.wish.new_pool} in {self.wish.primary} any more.")
        return pool

    def client_id(self, pool_id: str) -> str | None:
        """Return the id of the canary's app client; None if there is none.

        Raises
        ------
        RefusedError
            If several have its name.

        """
        if "client" not in self._seen:
            self._seen["client"] = self._found_client(pool_id)
        client_id: str | None = self._seen["client"]
        return client_id

    def _found_client(self, pool_id: str) -> str | None:
        pages = self.primary.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE}
        )
        return only(
            f"app clients named {CLIENT_NAME} in {pool_id}; delete or rename all but one",
            (
                str(client["ClientId"])
                for page in pages
                for client in page["UserPoolClients"]
                if client["ClientName"] == CLIENT_NAME
            ),
        )

    def secret_name(self, pool_id: str) -> str:
        """Return the name of the canary's secret."""
        return self.wish.secret_name or f"cognito-failover/{pool_id}"

    def _pools(self) -> Iterator[Mapping[str, Any]]:
        pages = self.primary.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": _PAGE})
        for page in pages:
            yield from page["UserPools"]


def canaries(pool: Pool) -> tuple[str, str]:
    """Return the names of the two canary users, which are addresses or numbers where the pool has no other names.

    The addresses and numbers are nobody's: RFC 2606 reserves the domain, the North American plan 555-01xx.
    """
    kinds = pool.get("UsernameAttributes", [])
    if "email" in kinds:
        return f"{CANARY}-1@cognito-failover.invalid", f"{CANARY}-2@cognito-failover.invalid"
    if "phone_number" in kinds:
        return "+12025550101", "+12025550102"
    return f"{CANARY}-1", f"{CANARY}-2"


def only(what: str, found: Iterator[str]) -> str | None:
    """Return the one thing found, or None.

    Raises
    ------
    RefusedError
        If there are several: ``what`` says of what, and the way out.

    """
    candidates = list(found)
    if len(candidates) > 1:
        raise RefusedError(f"There are {len(candidates)} {what}.")
    return candidates[0] if candidates else None


def in_region(arn: str, region: str) -> str:
    """Return an ARN with another Region in it."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)
