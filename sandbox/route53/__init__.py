"""Route 53 for the sandbox: its API with the service's errors, and the answers of its name servers."""

from sandbox.route53.service import Route53
from sandbox.route53.zones import NAME_SERVERS

__all__ = ["NAME_SERVERS", "Route53"]
