"""Route 53 for the sandbox: its API with the service's errors, and the answers of its name servers."""

from sandbox.route53.service import Route53
from sandbox.route53.zones import ALL_NAME_SERVERS, NAME_SERVERS

__all__ = ["ALL_NAME_SERVERS", "NAME_SERVERS", "Route53"]
