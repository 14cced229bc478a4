"""SNS's settings of text messages per account and Region: the SMS sandbox and the spend limit."""

from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICE = "sns"

_SPEND_LIMIT = "MonthlySpendLimit"
_DEFAULTS = {_SPEND_LIMIT: "1"}
"""The monthly spend limit of a new account, in dollars."""


class SmsSettings:
    """Answers the operations on text messages, and passes the others to the engine.

    On AWS, a new account is in the SMS sandbox until support removes it; no operation changes this. Here an account
    starts outside the SMS sandbox, and the attribute ``SandboxIsIn``, which AWS does not have, changes it.
    """

    def __init__(self) -> None:
        self._attributes: dict[tuple[str, str], dict[str, str]] = {}

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to SNS."""
        parameters = parse_qs(request.body.decode("utf-8", "replace"))
        attributes = self._attributes.setdefault((request.account, request.region), dict(_DEFAULTS))
        match request.operation:
            case "GetSMSSandboxAccountStatus":
                is_in = attributes.get("SandboxIsIn", "false")
                return _build_response(request.operation, f"<IsInSandbox>{is_in}</IsInSandbox>")
            case "GetSMSAttributes":
                names = [values[0] for name, values in parameters.items() if name.startswith("attributes.")]
                entries = "".join(
                    f"<entry><key>{escape(name)}</key><value>{escape(value)}</value></entry>"
                    for name, value in attributes.items()
                    if name in (names or attributes)
                )
                return _build_response(request.operation, f"<attributes>{entries}</attributes>")
            case "SetSMSAttributes":
                count = sum(name.endswith(".key") for name in parameters)
                prefix = "attributes.entry."
                new = {
                    parameters[f"{prefix}{number}.key"][0]: parameters[f"{prefix}{number}.value"][0]
                    for number in range(1, count + 1)
                }
                if not new.get(_SPEND_LIMIT, "1").isdigit():
                    return build_error_response(
                        request, code="InvalidParameter", status=400, message=f"Invalid parameter: {_SPEND_LIMIT}"
                    )
                attributes.update(new)
                return _build_response(request.operation, "")
            case _:
                return await engine(request)


def _build_response(operation: str, result: str) -> EndpointResponse:
    body = f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    return EndpointResponse(status=200, headers={"content-type": "text/xml"}, body=body.encode())
