"""Cognito's DNS check before it creates a custom domain."""

import dns.name
import dns.rdatatype

from sandbox.route53 import ALL_NAME_SERVERS, Route53


def has_ipv4_address(route53: Route53, name: str) -> bool:
    """Return whether any name server of a hosted zone answers with an IPv4 address for a name."""
    dns_name = dns.name.from_text(name)
    answers = (route53.answer(index, dns_name, dns.rdatatype.A) for index in range(len(ALL_NAME_SERVERS)))
    return any(rrset.rdtype == dns.rdatatype.A for answer in answers for rrset in answer.answer)
