"""Whether a caller may know which web ACL stands before a resource, which WAF decides when it has found it."""

import json
from collections.abc import Callable, Iterator

from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICE = "wafv2"

_OPERATION = "GetWebACLForResource"
_OK = 200

type Authorize = Callable[[EndpointRequest, str, str], EndpointResponse | None]
"""Takes a call, an action and a resource's ARN, and returns the refusal if the caller may not do that to it."""


class WebAclPermissions:
    """Refuses ``GetWebACLForResource`` to who may not read the web ACL itself, too.

    The call needs ``wafv2:GetWebACLForResource`` and ``wafv2:GetWebACL`` on the web ACL, and for a user pool
    ``cognito-idp:GetWebACLForResource`` on that (Service Authorization Reference).

    Parameters
    ----------
    denied
        Asks the caller's policies.

    """

    def __init__(self, authorize: Authorize) -> None:
        self._authorize = authorize

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to WAF."""
        found = await engine(request)
        if request.operation != _OPERATION or found.status != _OK:
            return found
        refusals = (self._authorize(request, *demand) for demand in _list_required_actions(request, found))
        return next((refusal for refusal in refusals if refusal is not None), found)


def _list_required_actions(request: EndpointRequest, found: EndpointResponse) -> Iterator[tuple[str, str]]:
    resource = str(json.loads(request.body).get("ResourceArn", ""))
    if ":userpool/" in resource:
        yield f"cognito-idp:{_OPERATION}", resource
    web_acl = json.loads(found.body).get("WebACL") or {}
    if arn := web_acl.get("ARN"):
        yield f"{SERVICE}:{_OPERATION}", arn
        yield f"{SERVICE}:GetWebACL", arn
