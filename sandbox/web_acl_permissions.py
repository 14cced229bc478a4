"""Further permissions that WAF checks for ``GetWebACLForResource`` after it has found the web ACL."""

import json
from collections.abc import Callable, Iterator

from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICE = "wafv2"

_OPERATION = "GetWebACLForResource"
_OK = 200

type Authorize = Callable[[EndpointRequest, str, str], EndpointResponse | None]
"""Takes a call, an action and a resource ARN. Returns the error response, or None if the caller has the permission."""


class WebAclPermissions:
    """Rejects ``GetWebACLForResource`` if the caller may not read the web ACL.

    The call needs ``wafv2:GetWebACLForResource`` and ``wafv2:GetWebACL`` on the web ACL, and for a user pool
    ``cognito-idp:GetWebACLForResource`` on that (Service Authorization Reference).

    Parameters
    ----------
    authorize
        Evaluates the caller's policies.

    """

    def __init__(self, authorize: Authorize) -> None:
        self._authorize = authorize

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to WAF."""
        response = await engine(request)
        if request.operation != _OPERATION or response.status != _OK:
            return response
        refusals = (self._authorize(request, *required) for required in _list_required_actions(request, response))
        return next((refusal for refusal in refusals if refusal is not None), response)


def _list_required_actions(request: EndpointRequest, response: EndpointResponse) -> Iterator[tuple[str, str]]:
    resource = str(json.loads(request.body).get("ResourceArn", ""))
    if ":userpool/" in resource:
        yield f"cognito-idp:{_OPERATION}", resource
    web_acl = json.loads(response.body).get("WebACL") or {}
    if arn := web_acl.get("ARN"):
        yield f"{SERVICE}:{_OPERATION}", arn
        yield f"{SERVICE}:GetWebACL", arn
