"""The canary's marker: one attribute, written on the primary and read anywhere with tokens of the canary's own.

Both calls are unsigned, as sign-ins are: they need no IAM. The attribute is the standard ``updated_at``, a number.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from failover.errors import FailoverError
from failover.probe.https import Https, SilenceError
from failover.probe.login import cognito_endpoint
from failover.probe.reply import error_code, error_message, is_success, json_object
from failover.region import PerSide, Side

ATTRIBUTE = "updated_at"

ALLOWING_IT = (
    f"Let the canary's app client read and write the attribute {ATTRIBUTE}: "
    f"failoverctl replicate makes a client that may."
)


class MarkerError(FailoverError):
    """The marker could not be written or read; the message says why, and the way out if there is one."""


class Markers(Protocol):
    """Writes and reads the canary's marker. Every call may raise MarkerError, and is never tried twice."""

    def write(self, access_token: str, value: int) -> None:
        """Write it on the primary.

        Parameters
        ----------
        access_token
            Of a sign-in there.
        value
            A number that is not negative.

        """
        ...

    def read(self, side: Side, access_token: str) -> int | None:
        """Return what a Region holds; None if it holds none.

        Parameters
        ----------
        side
            Which Region.
        access_token
            Of a sign-in there.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoMarkers:
    """The marker of a user pool.

    Attributes
    ----------
    regions
        The pool's two Regions.
    https
        Makes the requests.

    """

    regions: PerSide[str]
    https: Https

    def write(self, access_token: str, value: int) -> None:
        """Write it by ``UpdateUserAttributes``."""
        attributes = [{"Name": ATTRIBUTE, "Value": str(value)}]
        self._call(Side.PRIMARY, "UpdateUserAttributes", access_token, {"UserAttributes": attributes})

    def read(self, side: Side, access_token: str) -> int | None:
        """Read it by ``GetUser``."""
        user = self._call(side, "GetUser", access_token, {})
        return marker_in(user)

    def _call(self, side: Side, operation: str, access_token: str, fields: dict[str, Any]) -> dict[str, Any]:
        region = self.regions[side]
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        body = json.dumps({"AccessToken": access_token, **fields}).encode()
        try:
            reply = self.https.post(cognito_endpoint(region), headers=headers, body=body)
        except SilenceError as error:
            raise MarkerError(f"{operation} in {region} got no answer: {error.kind}.") from error
        found = json_object(reply.body)
        if is_success(reply):
            return found
        raise MarkerError(refusal(operation, region, error_code(reply, found), error_message(found, (access_token,))))


def marker_in(user: dict[str, Any]) -> int | None:
    """Return the marker that an answer of ``GetUser`` shows; None where it shows none, or one that is no number."""
    attributes = user.get("UserAttributes")
    for attribute in attributes if isinstance(attributes, list) else ():
        if isinstance(attribute, dict) and attribute.get("Name") == ATTRIBUTE:
            value = str(attribute.get("Value", ""))
            return int(value) if value.isascii() and value.isdigit() else None
    return None


def refusal(operation: str, region: str, code: str, message: str) -> str:
    """Return what a refusal means, and what to do about it."""
    said = f"{operation} in {region} was answered {code}: {message.rstrip('.')}."
    return f"{said} {ALLOWING_IT}" if "unauthorized attribute" in message.lower() else said
