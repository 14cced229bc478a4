"""What an app client may read and write of its users' attributes, by the tokens it was given."""

from typing import Any

from sandbox.cognito.pools import Pool, claims_of
from sandbox.cognito.wire import Call, Document, Refusal

_ALWAYS_READ = "sub"


def check_write(call: Call, pool: Pool) -> None:
    """Refuse ``UpdateUserAttributes`` for what the client may not write, or what is no value of the attribute.

    Raises
    ------
    Refusal
        ``NotAuthorizedException`` as the service words it; ``InvalidParameterException`` for a number that is none (its
        words are inferred).

    """
    allowed = _client(call, pool).get("WriteAttributes")
    numbers = {each["Name"] for each in pool.get("SchemaAttributes", []) if each.get("AttributeDataType") == "Number"}
    for attribute in call.document.get("UserAttributes", []):
        name, value = attribute["Name"], str(attribute.get("Value", ""))
        if allowed and name not in allowed:
            raise Refusal("NotAuthorizedException", "A client attempted to write unauthorized attribute")
        if name in numbers and not value.isdecimal():
            raise Refusal("InvalidParameterException", f"Attribute value for {name} must be a number.")


def readable(call: Call, pool: Pool, user: Document) -> Document:
    """Return what ``GetUser`` shows a client of a user: what it may read. One without a list may read all."""
    allowed = _client(call, pool).get("ReadAttributes")
    if not allowed:
        return user
    shown = [each for each in user["UserAttributes"] if each["Name"] in {_ALWAYS_READ, *allowed}]
    return user | {"UserAttributes": shown}


def _client(call: Call, pool: Pool) -> dict[str, Any]:
    client: dict[str, Any] = pool["_clients"].get(claims_of(call.document.get("AccessToken")).get("client_id"), {})
    return client
