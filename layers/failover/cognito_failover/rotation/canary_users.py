"""The canary's two users: passwords are set in the primary, sign-ins are made in both Regions."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.probe_result import (
    Challenged,
    ErrorResponse,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    is_password_rejected,
)
from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.lag_marker import MARKER_ATTRIBUTE, parse_marker
from cognito_failover.probe.login import LoginClient, build_cognito_endpoint
from cognito_failover.rotation.errors import RotationError, ServiceUnavailableError
from cognito_failover.rotation.secret_content import CanarySecretContent

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_SERVER_ERROR = 500
_THROTTLING_CODES = frozenset({"TooManyRequestsException", "LimitExceededException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenClaims:
    """The claims of an access token that must be equal in both Regions."""

    issuer: str
    subject: str
    client_id: str


class PasswordRefusedError(RotationError):
    """Cognito refused the password. There is no second attempt: five refusals in a row lock a user out."""


class CanaryUserDirectory(Protocol):
    """The canary's users.

    Every call may raise RotationError, or ServiceUnavailableError if the service gives no answer.
    """

    def read_subject(self, username: str) -> str:
        """Return a user's ``sub``."""
        ...

    def set_password(self, username: str, password: str) -> None:
        """Set a password in the primary. Idempotent."""
        ...

    def write_marker(self, username: str, value: int) -> None:
        """Write the user's marker in the primary. It reaches the replica after every earlier write."""
        ...

    def read_marker(self, role: RegionRole, username: str) -> int | None:
        """Return the user's marker in a Region, or None if it has none."""
        ...

    def sign_in(self, role: RegionRole, content: CanarySecretContent) -> AccessTokenClaims:
        """Sign in once, as a probe does.

        Raises
        ------
        PasswordRefusedError
            If this Region does not accept the password, or has locked the user out.

        """
        ...


class CognitoUserDirectory:
    """The users of a replicated pool.

    Parameters
    ----------
    clients
        Cognito clients of both Regions, with short timeouts.
    pool_id
        The user pool's id.
    regions
        The names of the Regions.
    create_login
        Returns a login client for an app client's id.

    """

    def __init__(
        self,
        clients: "PerRole[CognitoIdentityProviderClient]",
        *,
        pool_id: str,
        regions: PerRole[str],
        create_login: Callable[[str], LoginClient],
    ) -> None:
        self._clients = clients
        self._pool_id = pool_id
        self._regions = regions
        self._create_login = create_login

    def read_subject(self, username: str) -> str:
        """Read the ``sub`` from the primary."""
        return self._read_attributes(RegionRole.PRIMARY, username).get("sub", "")

    def set_password(self, username: str, password: str) -> None:
        """Set a permanent password. A password already in the history is no failure: an earlier attempt set it."""
        cognito = self._clients.primary
        try:
            cognito.admin_set_user_password(
                UserPoolId=self._pool_id, Username=username, Password=password, Permanent=True
            )
        except cognito.exceptions.PasswordHistoryPolicyViolationException:
            return  # the password is random and used only here, so this step is a repetition
        except (BotoCoreError, ClientError) as error:
            self._raise_error(RegionRole.PRIMARY, f"set the password of {username}", error)

    def write_marker(self, username: str, value: int) -> None:
        """Write the marker attribute."""
        try:
            self._clients.primary.admin_update_user_attributes(
                UserPoolId=self._pool_id,
                Username=username,
                UserAttributes=[{"Name": MARKER_ATTRIBUTE, "Value": str(value)}],
            )
        except (BotoCoreError, ClientError) as error:
            self._raise_error(RegionRole.PRIMARY, f"mark {username}", error)

    def read_marker(self, role: RegionRole, username: str) -> int | None:
        """Read the marker attribute."""
        attributes = [{"Name": name, "Value": value} for name, value in self._read_attributes(role, username).items()]
        return parse_marker({"UserAttributes": attributes})

    def sign_in(self, role: RegionRole, content: CanarySecretContent) -> AccessTokenClaims:
        """Send the same sign-in that users' apps send."""
        credentials = Credentials(version="", username=content.username, password=content.password)
        region = self._regions[role]
        answer = self._create_login(content.client_id).sign_in(build_cognito_endpoint(region), credentials)
        if isinstance(answer, SignInSuccess):
            return _decode_claims(answer.tokens.access_token)
        raise _to_sign_in_error(answer, f"{content.username} could not sign in in {region} with the new password")

    def _read_attributes(self, role: RegionRole, username: str) -> dict[str, str]:
        try:
            user = self._clients[role].admin_get_user(UserPoolId=self._pool_id, Username=username)
        except (BotoCoreError, ClientError) as error:
            self._raise_error(role, f"read {username}", error)
        return {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}

    def _raise_error(self, role: RegionRole, description: str, error: Exception) -> NoReturn:
        message = f"The rotation could not {description} with Cognito in {self._regions[role]}: {error}"
        if isinstance(error, ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
            if status < _SERVER_ERROR and error.response["Error"]["Code"] not in _THROTTLING_CODES:
                raise RotationError(message) from error
        raise ServiceUnavailableError(message) from error


def _to_sign_in_error(answer: ProbeResult, description: str) -> RotationError:
    match answer:
        case ErrorResponse(code=code, message=cognito_message, http_status=status):
            message = f"{description}: {code}, {cognito_message.rstrip('.')}."
            if is_password_rejected(answer):
                return PasswordRefusedError(message)
            return (
                ServiceUnavailableError(message)
                if status >= _SERVER_ERROR or code in _THROTTLING_CODES
                else RotationError(message)
            )
        case Challenged(name=name):
            return RotationError(f"{description}: Cognito asks for {name}, which the probes cannot answer.")
        case NoResponse(kind=kind):
            return ServiceUnavailableError(f"{description}: {kind}.")
        case _:
            return ServiceUnavailableError(f"{description}: Cognito's answer has no tokens.")


def _decode_claims(access_token: str) -> AccessTokenClaims:
    """Return a token's claims. The signature is not checked here; the probes verify it."""
    payload = access_token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return AccessTokenClaims(
        issuer=str(claims.get("iss")), subject=str(claims.get("sub")), client_id=str(claims.get("client_id"))
    )
