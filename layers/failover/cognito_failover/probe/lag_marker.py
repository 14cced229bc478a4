"""The lag marker: an attribute of the canary, written in the primary and read in either Region.

Both calls use the canary's access token. They are unsigned, so they need no IAM permission. The attribute is the
standard ``updated_at``, a number.
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
    f"Permit the canary's app client to read and write the attribute {MARKER_ATTRIBUTE}. "
    "failoverctl replicate creates such a client."
)


class LagMarkerError(FailoverError):
    """The lag marker could not be written or read. The message says why, and how to fix it if that is known."""


class LagMarkerStore(Protocol):
    """Writes and reads the lag marker. Every call may raise `LagMarkerError`. Calls are not retried."""

    def write(self, access_token: str, value: int) -> None:
        """Write the marker in the primary.

        Parameters
        ----------
        access_token
            The access token of a sign-in in the primary.
        value
            A number that is not negative.

        """
        ...

    def read(self, role: RegionRole, access_token: str) -> int | None:
        """Return the marker in a Region, or None if it has none.

        Parameters
        ----------
        role
            The Region to read.
        access_token
            The access token of a sign-in in that Region.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoLagMarkerStore:
    """Writes and reads the lag marker in Cognito.

    Attributes
    ----------
    regions
        The pool's two Regions.
    https
        Sends the requests.

    """

    regions: PerRole[str]
    https: HttpsClient

    def write(self, access_token: str, value: int) -> None:
        """Write the marker with ``UpdateUserAttributes``."""
        attributes = [{"Name": MARKER_ATTRIBUTE, "Value": str(value)}]
        self._call(RegionRole.PRIMARY, "UpdateUserAttributes", access_token, {"UserAttributes": attributes})

    def read(self, role: RegionRole, access_token: str) -> int | None:
        """Return the marker from ``GetUser``."""
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
            raise LagMarkerError(f"{operation} in {region} got no response: {error.kind}.") from error
        document = parse_json_object(response.body)
        if is_success(response):
            return document
        raise LagMarkerError(
            explain_error(
                operation, region, get_error_code(response, document), get_error_message(document, (access_token,))
            )
        )


def parse_marker(user: dict[str, Any]) -> int | None:
    """Return the marker in a response of ``GetUser``, or None if it is absent or not a number."""
    attributes = user.get("UserAttributes")
    for attribute in attributes if isinstance(attributes, list) else ():
        if isinstance(attribute, dict) and attribute.get("Name") == MARKER_ATTRIBUTE:
            value = str(attribute.get("Value", ""))
            return int(value) if value.isascii() and value.isdigit() else None
    return None


def explain_error(operation: str, region: str, code: str, message: str) -> str:
    """Return the error as a sentence, with a hint if the app client lacks a permission."""
    summary = f"{operation} in {region} returned {code}: {message.rstrip('.')}."
    return f"{summary} {PERMISSION_HINT}" if "unauthorized attribute" in message.lower() else summary
