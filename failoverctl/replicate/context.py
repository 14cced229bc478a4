"""The context of the steps: the desired state, AWS clients, and cached reads that several steps need."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.spec import CANARY_NAME_PREFIX, CLIENT_NAME, ReplicationSpec
from failoverctl.replicate.unsupported_settings import reject_unknown_settings

type Pool = Mapping[str, Any]
"""A pool, as ``DescribeUserPool`` shows it."""

_PAGE_SIZE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationContext:
    """The desired state and the AWS clients. The pool and the client id are read once per context.

    Attributes
    ----------
    spec
        The desired state.
    get_client
        Returns the boto3 client of a service in a Region.

    """

    spec: ReplicationSpec
    get_client: Callable[[str, str], Any]
    _cache: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def with_empty_cache(self) -> "ReplicationContext":
        """Return a copy that reads everything again."""
        return ReplicationContext(spec=self.spec, get_client=self.get_client)

    @property
    def primary_cognito(self) -> Any:
        """Cognito's client in the primary Region."""
        return self.get_client("cognito-idp", self.spec.primary_region)

    @property
    def standby_cognito(self) -> Any:
        """Cognito's client in the standby Region."""
        return self.get_client("cognito-idp", self.spec.standby_region)

    def find_pool(self) -> Pool | None:
        """Return the pool; None if it is not created yet.

        Raises
        ------
        ReplicationRefusedError
            If an existing pool is not found, several pools have the new pool's name, or boto3 does not know all
            settings of the pool.

        """
        if "pool" not in self._cache:
            self._cache["pool"] = self._load_pool()
        pool: Pool | None = self._cache["pool"]
        return pool

    def _load_pool(self) -> Pool | None:
        spec = self.spec
        pool_id = spec.pool_id or find_unique(
            f"user pools named {spec.new_pool_name} in {spec.primary_region}; give --pool the id of one",
            (pool["Id"] for pool in self._list_pools() if pool["Name"] == spec.new_pool_name),
        )
        if pool_id is None:
            return None
        cognito = self.primary_cognito
        try:
            with reject_unknown_settings(cognito):
                pool: Pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        except cognito.exceptions.ResourceNotFoundException:
            raise ReplicationRefusedError(
                f"There is no user pool {pool_id} in {self.spec.primary_region} in this account."
            ) from None
        return pool

    def require_pool(self) -> Pool:
        """Return the pool, which an earlier step has created or found.

        Raises
        ------
        ReplicationRefusedError
            If it was deleted since.

        """
        pool = self.find_pool()
        if pool is None:
            raise ReplicationRefusedError(
                f"The user pool {self.spec.new_pool_name} in {self.spec.primary_region} no longer exists."
            )
        return pool

    def find_client_id(self, pool_id: str) -> str | None:
        """Return the id of the canary's app client; None if there is none.

        Raises
        ------
        ReplicationRefusedError
            If several clients have its name.

        """
        if "client" not in self._cache:
            self._cache["client"] = self._load_client_id(pool_id)
        client_id: str | None = self._cache["client"]
        return client_id

    def _load_client_id(self, pool_id: str) -> str | None:
        pages = self.primary_cognito.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE_SIZE}
        )
        return find_unique(
            f"app clients named {CLIENT_NAME} in {pool_id}; delete or rename all but one",
            (
                str(client["ClientId"])
                for page in pages
                for client in page["UserPoolClients"]
                if client["ClientName"] == CLIENT_NAME
            ),
        )

    def get_secret_name(self, pool_id: str) -> str:
        """Return the name of the canary's secret."""
        return self.spec.secret_name or f"cognito-failover/{pool_id}"

    def _list_pools(self) -> Iterator[Mapping[str, Any]]:
        pages = self.primary_cognito.get_paginator("list_user_pools").paginate(
            PaginationConfig={"PageSize": _PAGE_SIZE}
        )
        for page in pages:
            yield from page["UserPools"]


def get_canary_usernames(pool: Pool) -> tuple[str, str]:
    """Return the names of the two canary users: addresses or phone numbers if the pool requires them.

    They belong to no person: RFC 2606 reserves the domain, and the North American numbering plan 555-01xx.
    """
    username_attributes = pool.get("UsernameAttributes", [])
    if "email" in username_attributes:
        return f"{CANARY_NAME_PREFIX}-1@cognito-failover.invalid", f"{CANARY_NAME_PREFIX}-2@cognito-failover.invalid"
    if "phone_number" in username_attributes:
        return "+12025550101", "+12025550102"
    return f"{CANARY_NAME_PREFIX}-1", f"{CANARY_NAME_PREFIX}-2"


def find_unique(description: str, matches: Iterator[str]) -> str | None:
    """Return the only match, or None if there is none.

    Raises
    ------
    ReplicationRefusedError
        If there are several. The message has `description`, which names them and says what to do.

    """
    candidates = list(matches)
    if len(candidates) > 1:
        raise ReplicationRefusedError(f"There are {len(candidates)} {description}.")
    return candidates[0] if candidates else None


def replace_region(arn: str, region: str) -> str:
    """Return an ARN with another Region."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)
