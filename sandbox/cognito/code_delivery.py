"""Details of the delivery of a code, as in moto's tests that were verified on AWS."""

import re

from sandbox.cognito.pools import UserPoolState
from sandbox.cognito.wire import JsonObject

_DETAILS = "CodeDeliveryDetails"
_ADDRESS = re.compile(r"^(.)[^@]*@(.).*$")


def adapt_code_delivery(operation: str, pool: UserPoolState | None, answer: JsonObject) -> JsonObject:
    """Return an answer with a masked address, and without details of a code that Cognito does not send.

    A sign-up sends a code only to an attribute that the pool verifies automatically.
    """
    details = answer.get(_DETAILS)
    if not details:
        return answer
    if operation == "SignUp" and details["AttributeName"] not in ((pool or {}).get("AutoVerifiedAttributes") or ()):
        return {name: value for name, value in answer.items() if name != _DETAILS}
    return {**answer, _DETAILS: {**details, "Destination": _ADDRESS.sub(r"\1***@\2***", details["Destination"])}}
