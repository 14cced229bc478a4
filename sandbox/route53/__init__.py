"""Route 53 for the sandbox: its API with the service's own refusals, and what its name servers would answer."""

from sandbox.route53.service import Route53
from sandbox.route53.zones import NAME_SERVERS

__all__ = ["NAME_SERVERS", "Route53"]
