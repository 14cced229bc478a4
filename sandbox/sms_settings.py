"""What SNS says of an account's text messages in a Region: whether they are in the sandbox, and what they may cost."""

from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICE = "sns"

_SPEND_LIMIT = "MonthlySpendLimit"
_DEFAULTS = {_SPEND_LIMIT: "1"}
"""In dollars, of every new account."""


class SmsSettings:
    """Answers the operations on text messages, and leaves the others to the engine.

    On AWS an account begins in the SMS sandbox and support lets it out; here it begins outside, and an attribute of the
    sandbox's own, ``SandboxIsIn``, puts it in, since AWS has no operation for either.
    """

    def __init__(self) -> None:
        self._attributes: dict[tuple[str, str], dict[str, str]] = {}

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to SNS."""
        given = parse_qs(request.body.decode("utf-8", "replace"))
        held = self._attributes.setdefault((request.account, request.region), dict(_DEFAULTS))
        match request.operation:
            case "GetSMSSandboxAccountStatus":
                is_in = held.get("SandboxIsIn", "false")
                return _build_response(request.operation, f"<IsInSandbox>{is_in}</IsInSandbox>")
            case "GetSMSAttributes":
                asked = [values[0] for name, values in given.items() if name.startswith("attributes.")]
                entries = "".join(
                    f"<entry><key>{escape(name)}</key><value>{escape(value)}</value></entry>"
                    for name, value in held.items()
                    if name in (asked or held)
                )
                return _build_response(request.operation, f"<attributes>{entries}</attributes>")
            case "SetSMSAttributes":
                count = sum(name.endswith(".key") for name in given)
                prefix = "attributes.entry."
                new = {
                    given[f"{prefix}{number}.key"][0]: given[f"{prefix}{number}.value"][0]
                    for number in range(1, count + 1)
                }
                if not new.get(_SPEND_LIMIT, "1").isdigit():
                    return build_error_response(
                        request, code="InvalidParameter", status=400, message=f"Invalid parameter: {_SPEND_LIMIT}"
                    )
                held.update(new)
                return _build_response(request.operation, "")
            case _:
                return await engine(request)


def _build_response(operation: str, result: str) -> EndpointResponse:
    body = f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    return EndpointResponse(status=200, headers={"content-type": "text/xml"}, body=body.encode())
