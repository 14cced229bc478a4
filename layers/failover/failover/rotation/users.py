"""The canary's two users: their passwords are set on the primary, and they sign in on both sides."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from failover.probe.answer import Answer, Challenged, Refused, SignedIn, Silent, password_refused
from failover.probe.canary import Credentials
from failover.probe.login import Login, cognito_endpoint
from failover.probe.marker import ATTRIBUTE, marker_in
from failover.region import PerSide, Side
from failover.rotation.content import Content
from failover.rotation.errors import OutOfReachError, RotationError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_SERVER_ERROR = 500
_THROTTLED = frozenset({"TooManyRequestsException", "LimitExceededException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What of an access token must be the same in both Regions."""

    issuer: str
    subject: str
    client_id: str


class RefusedError(RotationError):
    """Cognito refused the password. It is asked no second time: five refusals in a row lock a user out."""


class Users(Protocol):
    """The users. Every call may raise RotationError, and OutOfReachError without an answer."""

    def subject(self, username: str) -> str:
        """Return a user's ``sub``."""
        ...

    def set_password(self, username: str, password: str) -> None:
        """Set a password on the primary; again, if need be."""
        ...

    def mark(self, username: str, value: int) -> None:
        """Write the user's marker on the primary, which arrives on the replica after all that was written before."""
        ...

    def marker(self, side: Side, username: str) -> int | None:
        """Return the user's marker as a Region holds it; None if it holds none."""
        ...

    def sign_in(self, side: Side, content: Content) -> Claims:
        """Sign in once, as a probe does.

        Raises
        ------
        RefusedError
            If the password isn't the one that this Region knows, or the user is locked out there.

        """
        ...


class CognitoUsers:
    """The users of a replicated pool.

    Parameters
    ----------
    clients
        Cognito clients of both Regions, with short timeouts.
    pool_id
        The pool.
    regions
        The names of the Regions.
    login
        Gives what signs in through an app client.

    """

    def __init__(
        self,
        clients: "PerSide[CognitoIdentityProviderClient]",
        *,
        pool_id: str,
        regions: PerSide[str],
        login: Callable[[str], Login],
    ) -> None:
        self._clients = clients
        self._pool_id = pool_id
        self._regions = regions
        self._login = login

    def subject(self, username: str) -> str:
        """Ask the primary."""
        return self._attributes(Side.PRIMARY, username).get("sub", "")

    def set_password(self, username: str, password: str) -> None:
        """Set it for good; that the pool remembers it from a try before is no failure."""
        cognito = self._clients.primary
        try:
            cognito.admin_set_user_password(
                UserPoolId=self._pool_id, Username=username, Password=password, Permanent=True
            )
        except cognito.exceptions.PasswordHistoryPolicyViolationException:
            return  # it is random and used for nothing else, so it can only be a repetition of this step
        except (BotoCoreError, ClientError) as error:
            self._failed(Side.PRIMARY, f"set the password of {username}", error)

    def mark(self, username: str, value: int) -> None:
        """Write the attribute."""
        try:
            self._clients.primary.admin_update_user_attributes(
                UserPoolId=self._pool_id, Username=username, UserAttributes=[{"Name": ATTRIBUTE, "Value": str(value)}]
            )
        except (BotoCoreError, ClientError) as error:
            self._failed(Side.PRIMARY, f"mark {username}", error)

    def marker(self, side: Side, username: str) -> int | None:
        """Read the attribute."""
        attributes = [{"Name": name, "Value": value} for name, value in self._attributes(side, username).items()]
        return marker_in({"UserAttributes": attributes})

    def sign_in(self, side: Side, content: Content) -> Claims:
        """Send the sign-in that users' apps send."""
        credentials = Credentials(version="", username=content.username, password=content.password)
        region = self._regions[side]
        answer = self._login(content.client_id).attempt(cognito_endpoint(region), credentials)
        if isinstance(answer, SignedIn):
            return _claims(answer.tokens.access)
        raise _not_signed_in(answer, f"{content.username} could not sign in in {region} with the new password")

    def _attributes(self, side: Side, username: str) -> dict[str, str]:
        try:
            user = self._clients[side].admin_get_user(UserPoolId=self._pool_id, Username=username)
        except (BotoCoreError, ClientError) as error:
            self._failed(side, f"look at {username}", error)
        return {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}

    def _failed(self, side: Side, what: str, error: Exception) -> NoReturn:
        message = f"Cognito in {self._regions[side]} did not let the rotation {what}: {error}"
        if isinstance(error, ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
            if status < _SERVER_ERROR and error.response["Error"]["Code"] not in _THROTTLED:
                raise RotationError(message) from error
        raise OutOfReachError(message) from error


def _not_signed_in(answer: Answer, what: str) -> RotationError:
    match answer:
        case Refused(code=code, message=said, http_status=status):
            message = f"{what}: {code}, {said.rstrip('.')}."
            if password_refused(answer):
                return RefusedError(message)
            return OutOfReachError(message) if status >= _SERVER_ERROR or code in _THROTTLED else RotationError(message)
        case Challenged(name=name):
            return RotationError(f"{what}: Cognito asks for {name}, which the probes can't answer.")
        case Silent(kind=kind):
            return OutOfReachError(f"{what}: {kind}.")
        case _:
            return OutOfReachError(f"{what}: Cognito's answer holds no tokens.")


def _claims(access_token: str) -> Claims:
    """Read a token's claims; that it is genuine is what the probes verify."""
    payload = access_token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Claims(issuer=str(claims.get("iss")), subject=str(claims.get("sub")), client_id=str(claims.get("client_id")))
