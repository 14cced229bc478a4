"""The canary's marker: one attribute, written on the primary and read anywhere with tokens of the canary's own.

Both calls are unsigned, as sign-ins are: they need no IAM. The attribute is the standard ``updated_at``, a number.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.probe.cognito_response import get_error_code, get_error_message, is_success, parse_json_object
from cognito_failover.probe.https_client import HttpsClient, NoResponseError
from cognito_failover.probe.login import build_cognito_endpoint

MARKER_ATTRIBUTE = "updated_at"

PERMISSION_HINT = (
    f"Let the canary's app client read and write the attribute {MARKER_ATTRIBUTE}: "
    f"failoverctl replicate makes a client that may."
)


class LagMarkerError(FailoverError):
    """The marker could not be written or read; the message says why, and the way out if there is one."""


class LagMarkerStore(Protocol):
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

    def read(self, role: RegionRole, access_token: str) -> int | None:
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
class CognitoLagMarkerStore:
    """The marker of a user pool.

    Attributes
    ----------
    regions
        The pool's two Regions.
    https
        Makes the requests.

    """

    regions: PerRole[str]
    https: HttpsClient

    def write(self, access_token: str, value: int) -> None:
        """Write it by ``UpdateUserAttributes``."""
        attributes = [{"Name": MARKER_ATTRIBUTE, "Value": str(value)}]
        self._call(RegionRole.PRIMARY, "UpdateUserAttributes", access_token, {"UserAttributes": attributes})

    def read(self, role: RegionRole, access_token: str) -> int | None:
        """Read it by ``GetUser``."""
        user = self._call(role, "GetUser", access_token, {})
        return parse_marker(user)

    def _call(self, role: RegionRole, operation: str, access_token: str, fields: dict[str, Any]) -> dict[str, Any]:
        region = self.regions[role]
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        body = json.dumps({"AccessToken": access_token, **fields}).encode()
        try:
            response = self.https.post(build_cognito_endpoint(region), headers=headers, body=body)
        except NoResponseError as error:
            raise LagMarkerError(f"{operation} in {region} got no answer: {error.kind}.") from error
        document = parse_json_object(response.body)
        if is_success(response):
            return document
        raise LagMarkerError(
            explain_error(
                operation, region, get_error_code(response, document), get_error_message(document, (access_token,))
            )
        )


def parse_marker(user: dict[str, Any]) -> int | None:
    """Return the marker that an answer of ``GetUser`` shows; None where it shows none, or one that is no number."""
    attributes = user.get("UserAttributes")
    for attribute in attributes if isinstance(attributes, list) else ():
        if isinstance(attribute, dict) and attribute.get("Name") == MARKER_ATTRIBUTE:
            value = str(attribute.get("Value", ""))
            return int(value) if value.isascii() and value.isdigit() else None
    return None


def explain_error(operation: str, region: str, code: str, message: str) -> str:
    """Return what a refusal means, and what to do about it."""
    summary = f"{operation} in {region} was answered {code}: {message.rstrip('.')}."
    return f"{summary} {PERMISSION_HINT}" if "unauthorized attribute" in message.lower() else summary
