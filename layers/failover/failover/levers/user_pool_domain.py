"""Cognito's own custom domain, as far as its failover goes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from failover.errors import FailoverError, LeverRefusedError, LeverUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

# A person waits, on a calm day; a change is made once, and read back.
COGNITO_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})

MANAGED_LOGIN = 2
"""The branding version that knows failover; 1 is the classic hosted UI."""

_ROUTING = "Routing"
_CHANGING = frozenset({_ROUTING, "Status", "Version"})
"""What an update of the routing may change in a domain's description."""

_REFUSED = frozenset(
    {
        "FeatureUnavailableInTierException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    }
)
_DENIED = frozenset({"AccessDeniedException", "AccessDenied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """``Routing.Failover``: the Region requests go to while the check is unhealthy."""

    secondary_region: str
    check_id: str


class UserPoolDomain(Protocol):
    """A custom domain. Calls raise LeverUnavailableError, or LeverRefusedError where it can't have a failover."""

    @property
    def name(self) -> str:
        """The domain's name."""
        ...

    def failover(self) -> Failover | None:
        """Return its failover; None where it has none."""
        ...

    def set_failover(self, failover: Failover | None) -> None:
        """Set its failover, or take it away, and preserve every other setting."""
        ...

    def is_settled(self) -> bool:
        """Tell whether the last change of the domain has been distributed."""
        ...


class CognitoDomain:
    """A custom domain of a user pool, by Cognito's API; a `UserPoolDomain`.

    Parameters
    ----------
    client
        Gives a client of Cognito in the primary Region, which alone takes changes of a replicated pool's domain.
    name
        The domain.
    user_pool_id
        The pool it has to be of.

    """

    def __init__(self, client: Callable[[], "CognitoIdentityProviderClient"], *, name: str, user_pool_id: str) -> None:
        self._client = client
        self._name = name
        self._user_pool_id = user_pool_id

    @property
    def name(self) -> str:
        """The domain's name."""
        return self._name

    def failover(self) -> Failover | None:
        """Return its failover."""
        found = self._described().get(_ROUTING, {}).get("Failover")
        if not found:
            return None
        return Failover(secondary_region=found["SecondaryRegion"], check_id=found["PrimaryRoute53HealthCheckId"])

    def set_failover(self, failover: Failover | None) -> None:
        """Set its failover and read it back; an update drops every setting that it doesn't repeat."""
        before = self._described()
        client = self._client()
        # What an update takes is asked of the SDK: a later one may know of further settings to preserve.
        shape = client.meta.service_model.operation_model("UpdateUserPoolDomain").input_shape
        taken = shape.members if shape else {}
        update: dict[str, Any] = {name: before[name] for name in taken if name in before and name != _ROUTING}
        if failover:
            update[_ROUTING] = {
                "Failover": {
                    "SecondaryRegion": failover.secondary_region,
                    "PrimaryRoute53HealthCheckId": failover.check_id,
                }
            }
        self._called("UpdateUserPoolDomain", lambda: client.update_user_pool_domain(**update))
        after = self._described()
        changed = [name for name in {*before, *after} - _CHANGING if before.get(name) != after.get(name)]
        if changed or self.failover() != failover:
            what = ", ".join(sorted(changed)) or _ROUTING
            raise LeverUnavailableError(
                f"Cognito took the change of {self._name}, but its {what} reads otherwise than it should. Look at the "
                f"domain in the console before anything else, and repeat."
            )

    def is_settled(self) -> bool:
        """Tell whether the domain is ACTIVE."""
        return bool(self._described().get("Status") == "ACTIVE")

    def _described(self) -> dict[str, Any]:
        answer = self._called(
            "DescribeUserPoolDomain", lambda: self._client().describe_user_pool_domain(Domain=self._name)
        )
        domain: dict[str, Any] = answer["DomainDescription"]
        if domain.get("UserPoolId") != self._user_pool_id:
            owner = domain.get("UserPoolId", "no pool here")
            raise LeverRefusedError(
                f"MANAGED_LOGIN_DOMAIN is {self._name}, a domain of {owner}; give the custom domain of "
                f"{self._user_pool_id}."
            )
        if not domain.get("CustomDomainConfig"):
            raise LeverRefusedError(f"{self._name} is no custom domain; only those have a failover.")
        if domain.get("ManagedLoginVersion") != MANAGED_LOGIN:
            raise LeverRefusedError(
                f"{self._name} has the branding version {domain.get('ManagedLoginVersion')}, the classic hosted UI, "
                f"which knows no failover; set it to {MANAGED_LOGIN}, managed login."
            )
        return domain

    def _called(self, operation: str, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = call()
        except ClientError as error:
            raise self._translation(operation, error) from error
        except BotoCoreError as error:
            raise LeverUnavailableError(f"{operation} got no answer: {error}.") from error
        return answer

    def _translation(self, operation: str, error: ClientError) -> FailoverError:
        code = error.response["Error"]["Code"]
        said = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _REFUSED:
            return LeverRefusedError(said)
        if code in _DENIED:
            return LeverUnavailableError(
                f"{said} Allow cognito-idp:{operation} on the pool {self._user_pool_id} to the role this runs as, and "
                f"let nothing deny it."
            )
        return LeverUnavailableError(said)


class MemoryDomain:
    """A custom domain in memory; a `UserPoolDomain`."""

    def __init__(self, name: str, failover: Failover | None = None) -> None:
        self.name = name
        self.held = failover
        self.settled = True
        self.trouble = ""

    def failover(self) -> Failover | None:
        """Return its failover."""
        self._fail_if_told()
        return self.held

    def set_failover(self, failover: Failover | None) -> None:
        """Set its failover."""
        self._fail_if_told()
        self.held = failover

    def is_settled(self) -> bool:
        """Tell whether the last change has been distributed."""
        return self.settled

    def _fail_if_told(self) -> None:
        if self.trouble:
            raise LeverUnavailableError(self.trouble)
