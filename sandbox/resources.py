"""Resources that the engine leaves unnamed when it asks whether a policy allows a call."""

import re

_ROUTE53 = re.compile(r"/[^/]+(/tags)?/(?P<kind>change|healthcheck)/(?P<id>[^/]+)(/.*)?")


def resource_arn(service: str, path: str) -> str | None:
    """Return the ARN of what a call is about; None where the engine knows.

    Route 53's ``GetChange`` is about a change, ``arn:aws:route53:::change/ID``, and what is done with a health check
    about that, ``arn:aws:route53:::healthcheck/ID`` (Service Authorization Reference).
    """
    found = _ROUTE53.fullmatch(path) if service == "route53" else None
    return f"arn:aws:route53:::{found['kind']}/{found['id']}" if found else None
