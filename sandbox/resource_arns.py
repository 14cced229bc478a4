"""Resources that the engine leaves unnamed when it asks whether a policy allows a call."""

import json
import re

_ROUTE53_PATH_PATTERN = re.compile(r"/[^/]+(/tags)?/(?P<kind>change|healthcheck)/(?P<id>[^/]+)(/.*)?")


def find_resource_arn(service: str, path: str, body: bytes = b"") -> str | None:
    """Return the ARN of what a call is about; None where the engine knows.

    Route 53's ``GetChange`` is about a change, ``arn:aws:route53:::change/ID``, and what is done with a health check
    about that, ``arn:aws:route53:::healthcheck/ID``. WAF's ``GetWebACLForResource`` and its like are about the resource
    that they name (Service Authorization Reference).
    """
    if service == "wafv2":
        return _parse_resource_arn(body)
    found = _ROUTE53_PATH_PATTERN.fullmatch(path) if service == "route53" else None
    return f"arn:aws:route53:::{found['kind']}/{found['id']}" if found else None


def _parse_resource_arn(body: bytes) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    named = document.get("ResourceArn") if isinstance(document, dict) else None
    return named if isinstance(named, str) and "WebACLArn" not in document else None
