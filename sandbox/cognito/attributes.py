"""Read and write permissions of app clients on their users' attributes."""

from typing import Any

from sandbox.cognito.pools import UserPoolState, parse_claims
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

_ALWAYS_READ = "sub"


def reject_unauthorized_write(call: UserPoolCall, pool: UserPoolState) -> None:
    """Reject ``UpdateUserAttributes`` for an attribute that the client may not write, or an invalid value.

    Raises
    ------
    AwsServiceError
        ``NotAuthorizedException`` with the service's message. ``InvalidParameterException`` for an invalid number;
        its message is inferred.

    """
    allowed = _find_client(call, pool).get("WriteAttributes")
    schema = pool.get("SchemaAttributes", [])
    numbers = {attribute["Name"] for attribute in schema if attribute.get("AttributeDataType") == "Number"}
    for attribute in call.document.get("UserAttributes", []):
        name, value = attribute["Name"], str(attribute.get("Value", ""))
        if allowed and name not in allowed:
            raise AwsServiceError("NotAuthorizedException", "A client attempted to write unauthorized attribute")
        if name in numbers and not value.isdecimal():
            raise AwsServiceError("InvalidParameterException", f"Attribute value for {name} must be a number.")


def filter_readable(call: UserPoolCall, pool: UserPoolState, user: JsonObject) -> JsonObject:
    """Return a ``GetUser`` answer with the attributes that the client may read. A client without a list reads all."""
    allowed = _find_client(call, pool).get("ReadAttributes")
    if not allowed:
        return user
    readable = [attribute for attribute in user["UserAttributes"] if attribute["Name"] in {_ALWAYS_READ, *allowed}]
    return user | {"UserAttributes": readable}


def _find_client(call: UserPoolCall, pool: UserPoolState) -> dict[str, Any]:
    client: dict[str, Any] = pool["_clients"].get(parse_claims(call.document.get("AccessToken")).get("client_id"), {})
    return client
