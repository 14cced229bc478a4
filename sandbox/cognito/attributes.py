"""What an app client may read and write of its users' attributes, by the tokens it was given."""

from typing import Any

from sandbox.cognito.pools import UserPoolState, parse_claims
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

_ALWAYS_READ = "sub"


def reject_unauthorized_write(call: UserPoolCall, pool: UserPoolState) -> None:
    """Refuse ``UpdateUserAttributes`` for what the client may not write, or what is no value of the attribute.

    Raises
    ------
    Refusal
        ``NotAuthorizedException`` as the service words it; ``InvalidParameterException`` for a number that is none (its
        words are inferred).

    """
    allowed = _find_client(call, pool).get("WriteAttributes")
    numbers = {each["Name"] for each in pool.get("SchemaAttributes", []) if each.get("AttributeDataType") == "Number"}
    for attribute in call.document.get("UserAttributes", []):
        name, value = attribute["Name"], str(attribute.get("Value", ""))
        if allowed and name not in allowed:
            raise AwsServiceError("NotAuthorizedException", "A client attempted to write unauthorized attribute")
        if name in numbers and not value.isdecimal():
            raise AwsServiceError("InvalidParameterException", f"Attribute value for {name} must be a number.")


def filter_readable(call: UserPoolCall, pool: UserPoolState, user: JsonObject) -> JsonObject:
    """Return what ``GetUser`` shows a client of a user: what it may read. One without a list may read all."""
    allowed = _find_client(call, pool).get("ReadAttributes")
    if not allowed:
        return user
    shown = [each for each in user["UserAttributes"] if each["Name"] in {_ALWAYS_READ, *allowed}]
    return user | {"UserAttributes": shown}


def _find_client(call: UserPoolCall, pool: UserPoolState) -> dict[str, Any]:
    client: dict[str, Any] = pool["_clients"].get(parse_claims(call.document.get("AccessToken")).get("client_id"), {})
    return client
