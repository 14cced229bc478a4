"""The operations on user pools' custom domains; prefix domains stay the engine's."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.cognito.domain import CustomDomain, DomainSettings, DomainStatus
from sandbox.cognito.domain_rules import DomainRules, check_prefix, invalid
from sandbox.cognito.pools import Pool, Pools
from sandbox.cognito.wire import Document, Refusal


@dataclass(slots=True, kw_only=True)
class DomainTiming:
    """How long a change of a custom domain takes to be distributed, in seconds; minutes on AWS.

    A change of it takes effect on what is on its way, too.
    """

    distributing_seconds: float


class Domains:
    """The custom domains of all pools.

    Either Region of a replicated pool answers for the one domain. The calls arrive behind the engine's own
    operations, so that stacks make domains by the same rules as the API does.

    Parameters
    ----------
    pools
        Where a call finds its pool.
    rules
        What is refused.
    timing
        May be changed while the sandbox runs.
    clock
        Returns the time in seconds.

    """

    def __init__(self, *, pools: Pools, rules: DomainRules, timing: DomainTiming, clock: Callable[[], float]) -> None:
        self._pools = pools
        self._rules = rules
        self._timing = timing
        self._clock = clock
        self._held: dict[str, CustomDomain] = {}
        pools.answer_first("create_user_pool_domain", self._create)
        pools.answer_first("update_user_pool_domain", self._update)
        pools.answer_first("describe_user_pool_domain", self._describe)
        pools.answer_first("delete_user_pool_domain", self._delete)

    def all(self) -> tuple[CustomDomain, ...]:
        """Return the domains there are now."""
        self._advance()
        return tuple(self._held.values())

    def named(self, name: str) -> CustomDomain | None:
        """Return the domain that a user's name, in lower case, stands for; None if there is none."""
        self._advance()
        return self._held.get(name)

    def of_pool(self, account: str, pool_id: str) -> CustomDomain | None:
        """Return a pool's domain; None if it has none."""
        return next((held for held in self.all() if (held.account, held.pool_id) == (account, pool_id)), None)

    def distributes(self, name: str) -> bool:
        """Whether a name, in lower case, is that of a domain's distribution."""
        return any(domain.distribution == name for domain in self.all())

    def check_pool_deletable(self, account: str, pool: Pool) -> None:
        """Refuse ``DeleteUserPool`` for a pool with a domain.

        Raises
        ------
        Refusal
            ``InvalidParameterException``.

        """
        if pool.get("Domain") or self.of_pool(account, pool["Id"]) is not None:
            raise invalid("User pool cannot be deleted. It has a domain configured that should be deleted first.")

    def _create(self, account: str, region: str, document: Document) -> Document | None:
        if document.get("CustomDomainConfig") is None:
            check_prefix(document)
            return None
        name, pool = document["Domain"], self._pool(account, region, document)
        self._rules.check_name(name)
        if self.named(name) is not None:
            raise invalid("Domain already associated with another user pool.")
        if self.of_pool(account, pool["Id"]) is not None:
            raise invalid("User pool already has a domain configured.")
        settings = self._rules.settings(account, pool, document, version=1)
        self._rules.check_reachable(region, pool["Id"])
        domain = CustomDomain(
            name=name,
            distribution=self._pools.distribution_name(name),
            account=account,
            pool_id=pool["Id"],
            settings=settings,
            changed_at=self._clock(),
        )
        self._held[name] = domain
        self._advance()
        return domain.answered()

    def _update(self, account: str, region: str, document: Document) -> Document | None:
        domain = self.named(document["Domain"])
        if domain is None:
            check_prefix(document)
            return None
        pool = self._pool(account, region, document)
        self._check_owner(domain, account, pool)
        if document.get("CustomDomainConfig") is None:
            raise invalid("Cannot convert custom domain to prefix domain.")
        settings = self._rules.settings(account, pool, document, version=domain.settings.managed_login_version)
        self._begin(domain, region, DomainStatus.UPDATING, settings)
        return domain.answered()

    def _describe(self, account: str, region: str, document: Document) -> Document | None:
        domain = self.named(document["Domain"])
        if domain is None:
            return None
        known = domain.account == account and self._pools.get(account, region, domain.pool_id) is not None
        return {"DomainDescription": domain.described() if known else {}}

    def _delete(self, account: str, region: str, document: Document) -> Document | None:
        pool = self._pool(account, region, document)
        domain = self.named(document["Domain"])
        if domain is None:
            if pool.get("Domain") != document["Domain"]:
                raise invalid("No such domain or user pool exists.")
            return None
        self._check_owner(domain, account, pool)
        self._begin(domain, region, DomainStatus.DELETING, domain.settings)
        return {}

    def _begin(self, domain: CustomDomain, region: str, status: DomainStatus, settings: DomainSettings) -> None:
        """Begin a change; that another one keeps it out meanwhile, and by which exception, is inferred."""
        self._rules.check_reachable(region, domain.pool_id)
        if domain.status is not DomainStatus.ACTIVE:
            raise Refusal("ConcurrentModificationException", f"Domain {domain.name} is {domain.status}.")
        domain.settings = settings
        domain.status = status
        domain.changed_at = self._clock()
        self._advance()

    def _advance(self) -> None:
        now = self._clock()
        for domain in list(self._held.values()):
            if domain.status is DomainStatus.ACTIVE or now < domain.changed_at + self._timing.distributing_seconds:
                continue
            if domain.status is DomainStatus.DELETING:
                del self._held[domain.name]
            else:
                domain.served = domain.settings
                domain.status = DomainStatus.ACTIVE

    def _pool(self, account: str, region: str, document: Document) -> Pool:
        pool_id = document["UserPoolId"]
        pool = self._pools.get(account, region, pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        return pool

    def _check_owner(self, domain: CustomDomain, account: str, pool: Pool) -> None:
        if (domain.account, domain.pool_id) != (account, pool["Id"]):
            raise invalid("The domain is not configured for this user pool.")
