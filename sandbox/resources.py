"""Resources that the engine leaves unnamed when it asks whether a policy allows a call."""

import re

_CHANGE = re.compile(r"/[^/]+/change/(?P<id>[^/]+)/?")


def resource_arn(service: str, path: str) -> str | None:
    """Return the ARN of what a call is about; None where the engine knows.

    Route 53's ``GetChange`` is about a change, ``arn:aws:route53:::change/ID`` (Service Authorization Reference).
    """
    change = _CHANGE.fullmatch(path) if service == "route53" else None
    return f"arn:aws:route53:::change/{change['id']}" if change else None
