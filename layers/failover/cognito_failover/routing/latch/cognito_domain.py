"""The failover of Cognito's own custom domain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.errors import FailoverError, LeverRefusedError, LeverUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

# A person waits for the answer, and no move is in progress. A change is made once and read back.
COGNITO_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})

MANAGED_LOGIN_VERSION = 2
"""The branding version with failover, managed login. Version 1 is the classic hosted UI."""

_ROUTING_KEY = "Routing"
_MUTABLE_KEYS = frozenset({_ROUTING_KEY, "Status", "Version"})
"""The fields of a domain's description that an update of the routing may change."""

_REFUSED_CODES = frozenset(
    {
        "FeatureUnavailableInTierException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    }
)
_ACCESS_DENIED_CODES = frozenset({"AccessDeniedException", "AccessDenied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFailover:
    """``Routing.Failover``: the Region that requests go to while the health check is unhealthy."""

    secondary_region: str
    check_id: str


class UserPoolDomain(Protocol):
    """A custom domain. Calls may raise LeverUnavailableError, or LeverRefusedError if it cannot have a failover."""

    @property
    def name(self) -> str:
        """The domain's name."""
        ...

    def get_failover(self) -> DomainFailover | None:
        """Return the domain's failover, or None."""
        ...

    def set_failover(self, failover: DomainFailover | None) -> None:
        """Set or remove the domain's failover, and preserve every other setting."""
        ...

    def is_settled(self) -> bool:
        """Return whether the last change of the domain is distributed."""
        ...


class CognitoDomain:
    """A custom domain of a user pool in Cognito; a `UserPoolDomain`.

    Parameters
    ----------
    client
        Returns a Cognito client of the primary Region. Only that Region accepts changes of a replicated pool's domain.
    name
        The domain's name.
    user_pool_id
        The user pool that the domain must belong to.

    """

    def __init__(self, client: Callable[[], "CognitoIdentityProviderClient"], *, name: str, user_pool_id: str) -> None:
        self._client = client
        self._name = name
        self._user_pool_id = user_pool_id

    @property
    def name(self) -> str:
        """The domain's name."""
        return self._name

    def get_failover(self) -> DomainFailover | None:
        """Read the domain's failover."""
        routing = self._describe().get(_ROUTING_KEY, {}).get("Failover")
        if not routing:
            return None
        return DomainFailover(
            secondary_region=routing["SecondaryRegion"], check_id=routing["PrimaryRoute53HealthCheckId"]
        )

    def set_failover(self, failover: DomainFailover | None) -> None:
        """Set the failover and read it back. The update repeats all settings: Cognito drops the others."""
        before = self._describe()
        client = self._client()
        # The SDK's model lists the settings of an update. A later SDK may add settings to preserve.
        shape = client.meta.service_model.operation_model("UpdateUserPoolDomain").input_shape
        accepted = shape.members if shape else {}
        update: dict[str, Any] = {name: before[name] for name in accepted if name in before and name != _ROUTING_KEY}
        if failover:
            update[_ROUTING_KEY] = {
                "Failover": {
                    "SecondaryRegion": failover.secondary_region,
                    "PrimaryRoute53HealthCheckId": failover.check_id,
                }
            }
        self._call("UpdateUserPoolDomain", lambda: client.update_user_pool_domain(**update))
        after = self._describe()
        changed = [name for name in {*before, *after} - _MUTABLE_KEYS if before.get(name) != after.get(name)]
        if changed or self.get_failover() != failover:
            changed_names = ", ".join(sorted(changed)) or _ROUTING_KEY
            raise LeverUnavailableError(
                f"Cognito accepted the change of {self._name}, but its {changed_names} does not read back as expected. "
                f"First check the domain in the console, then repeat."
            )

    def is_settled(self) -> bool:
        """Return whether the domain is ACTIVE."""
        return bool(self._describe().get("Status") == "ACTIVE")

    def _describe(self) -> dict[str, Any]:
        answer = self._call(
            "DescribeUserPoolDomain", lambda: self._client().describe_user_pool_domain(Domain=self._name)
        )
        domain: dict[str, Any] = answer["DomainDescription"]
        if domain.get("UserPoolId") != self._user_pool_id:
            owner = domain.get("UserPoolId", "no pool in this Region")
            raise LeverRefusedError(
                f"MANAGED_LOGIN_DOMAIN is {self._name}, a domain of {owner}. Set it to the custom domain of "
                f"{self._user_pool_id}."
            )
        if not domain.get("CustomDomainConfig"):
            raise LeverRefusedError(f"{self._name} is not a custom domain. Only custom domains have a failover.")
        if domain.get("ManagedLoginVersion") != MANAGED_LOGIN_VERSION:
            raise LeverRefusedError(
                f"{self._name} has the branding version {domain.get('ManagedLoginVersion')}, the classic hosted UI, "
                f"which has no failover. Set it to {MANAGED_LOGIN_VERSION}, managed login."
            )
        return domain

    def _call(self, operation: str, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = call()
        except ClientError as error:
            raise self._translate_error(operation, error) from error
        except BotoCoreError as error:
            raise LeverUnavailableError(f"{operation} got no answer: {error}.") from error
        return answer

    def _translate_error(self, operation: str, error: ClientError) -> FailoverError:
        code = error.response["Error"]["Code"]
        message = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _REFUSED_CODES:
            return LeverRefusedError(message)
        if code in _ACCESS_DENIED_CODES:
            return LeverUnavailableError(
                f"{message} Allow cognito-idp:{operation} on the pool {self._user_pool_id} to the role this runs as, "
                f"and check that no policy denies it."
            )
        return LeverUnavailableError(message)
