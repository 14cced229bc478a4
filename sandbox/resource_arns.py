"""Resource ARNs for policy evaluation that the engine lacks."""

import json
import re

_ROUTE53_PATH_PATTERN = re.compile(r"/[^/]+(/tags)?/(?P<kind>change|healthcheck)/(?P<id>[^/]+)(/.*)?")


def find_resource_arn(service: str, path: str, body: bytes = b"") -> str | None:
    """Return the ARN of a call's resource, or None if the engine knows it.

    Source: Service Authorization Reference.

    - Route 53's ``GetChange``: ``arn:aws:route53:::change/ID``
    - Route 53's operations on a health check: ``arn:aws:route53:::healthcheck/ID``
    - WAF's ``GetWebACLForResource`` and similar operations: the resource that they name
    """
    if service == "wafv2":
        return _parse_resource_arn(body)
    match = _ROUTE53_PATH_PATTERN.fullmatch(path) if service == "route53" else None
    return f"arn:aws:route53:::{match['kind']}/{match['id']}" if match else None


def _parse_resource_arn(body: bytes) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    arn = document.get("ResourceArn") if isinstance(document, dict) else None
    return arn if isinstance(arn, str) and "WebACLArn" not in document else None
