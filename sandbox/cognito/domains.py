"""The operations on user pools' custom domains. The engine handles prefix domains."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.cognito.domain import CustomDomain, DomainSettings, DomainStatus
from sandbox.cognito.domain_rules import DomainRules, build_invalid_parameter_error, reject_invalid_prefix
from sandbox.cognito.pools import UserPools, UserPoolState
from sandbox.cognito.wire import AwsServiceError, JsonObject


@dataclass(slots=True, kw_only=True)
class DomainTiming:
    """Distribution time of a custom domain's change, in seconds; minutes on AWS.

    A new value also applies to pending changes.
    """

    distributing_seconds: float


class CustomDomains:
    """The custom domains of all pools.

    Both Regions of a replicated pool answer for its domain. The handlers replace the engine's functions, so stacks and
    the API follow the same rules.

    Parameters
    ----------
    pools
        The user pools.
    rules
        The rules for domains.
    timing
        May change while the sandbox runs.
    clock
        Returns the time in seconds.

    """

    def __init__(
        self, *, pools: UserPools, rules: DomainRules, timing: DomainTiming, clock: Callable[[], float]
    ) -> None:
        self._pools = pools
        self._rules = rules
        self._timing = timing
        self._clock = clock
        self._domains: dict[str, CustomDomain] = {}
        pools.prepend_handler("create_user_pool_domain", self._create)
        pools.prepend_handler("update_user_pool_domain", self._update)
        pools.prepend_handler("describe_user_pool_domain", self._describe)
        pools.prepend_handler("delete_user_pool_domain", self._delete)

    def list_all(self) -> tuple[CustomDomain, ...]:
        """Return all domains."""
        self._advance()
        return tuple(self._domains.values())

    def find_by_name(self, name: str) -> CustomDomain | None:
        """Return the domain with a name in lower case, or None."""
        self._advance()
        return self._domains.get(name)

    def find_by_pool(self, account: str, pool_id: str) -> CustomDomain | None:
        """Return a pool's domain, or None."""
        return next(
            (domain for domain in self.list_all() if (domain.account, domain.pool_id) == (account, pool_id)), None
        )

    def is_distribution(self, name: str) -> bool:
        """Return whether a name in lower case is the host name of a domain's distribution."""
        return any(domain.distribution == name for domain in self.list_all())

    def reject_deletion_with_domain(self, account: str, pool: UserPoolState) -> None:
        """Reject ``DeleteUserPool`` for a pool with a domain.

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException``.

        """
        if pool.get("Domain") or self.find_by_pool(account, pool["Id"]) is not None:
            raise build_invalid_parameter_error(
                "User pool cannot be deleted. It has a domain configured that should be deleted first."
            )

    def _create(self, account: str, region: str, document: JsonObject) -> JsonObject | None:
        if document.get("CustomDomainConfig") is None:
            reject_invalid_prefix(document)
            return None
        name, pool = document["Domain"], self._require_pool(account, region, document)
        self._rules.reject_invalid_name(name)
        if self.find_by_name(name) is not None:
            raise build_invalid_parameter_error("Domain already associated with another user pool.")
        if self.find_by_pool(account, pool["Id"]) is not None:
            raise build_invalid_parameter_error("User pool already has a domain configured.")
        settings = self._rules.parse_settings(account, pool, document, version=1)
        self._rules.reject_unreachable(region, pool["Id"])
        domain = CustomDomain(
            name=name,
            distribution=self._pools.get_distribution_name(name),
            account=account,
            pool_id=pool["Id"],
            settings=settings,
            changed_at=self._clock(),
        )
        self._domains[name] = domain
        self._advance()
        return domain.describe_change()

    def _update(self, account: str, region: str, document: JsonObject) -> JsonObject | None:
        domain = self.find_by_name(document["Domain"])
        if domain is None:
            reject_invalid_prefix(document)
            return None
        pool = self._require_pool(account, region, document)
        self._reject_other_owner(domain, account, pool)
        if document.get("CustomDomainConfig") is None:
            raise build_invalid_parameter_error("Cannot convert custom domain to prefix domain.")
        settings = self._rules.parse_settings(account, pool, document, version=domain.settings.managed_login_version)
        self._start_change(domain, region, DomainStatus.UPDATING, settings)
        return domain.describe_change()

    def _describe(self, account: str, region: str, document: JsonObject) -> JsonObject | None:
        domain = self.find_by_name(document["Domain"])
        if domain is None:
            return None
        is_own = domain.account == account and self._pools.get(account, region, domain.pool_id) is not None
        return {"DomainDescription": domain.describe() if is_own else {}}

    def _delete(self, account: str, region: str, document: JsonObject) -> JsonObject | None:
        pool = self._require_pool(account, region, document)
        domain = self.find_by_name(document["Domain"])
        if domain is None:
            if pool.get("Domain") != document["Domain"]:
                raise build_invalid_parameter_error("No such domain or user pool exists.")
            return None
        self._reject_other_owner(domain, account, pool)
        self._start_change(domain, region, DomainStatus.DELETING, domain.settings)
        return {}

    def _start_change(self, domain: CustomDomain, region: str, status: DomainStatus, settings: DomainSettings) -> None:
        """Start a change. Inferred: a pending change blocks it with ``ConcurrentModificationException``."""
        self._rules.reject_unreachable(region, domain.pool_id)
        if domain.status is not DomainStatus.ACTIVE:
            raise AwsServiceError("ConcurrentModificationException", f"Domain {domain.name} is {domain.status}.")
        domain.settings = settings
        domain.status = status
        domain.changed_at = self._clock()
        self._advance()

    def _advance(self) -> None:
        now = self._clock()
        for domain in list(self._domains.values()):
            if domain.status is DomainStatus.ACTIVE or now < domain.changed_at + self._timing.distributing_seconds:
                continue
            if domain.status is DomainStatus.DELETING:
                del self._domains[domain.name]
            else:
                domain.served_settings = domain.settings
                domain.status = DomainStatus.ACTIVE

    def _require_pool(self, account: str, region: str, document: JsonObject) -> UserPoolState:
        pool_id = document["UserPoolId"]
        pool = self._pools.get(account, region, pool_id)
        if pool is None:
            raise AwsServiceError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        return pool

    def _reject_other_owner(self, domain: CustomDomain, account: str, pool: UserPoolState) -> None:
        if (domain.account, domain.pool_id) != (account, pool["Id"]):
            raise build_invalid_parameter_error("The domain is not configured for this user pool.")
