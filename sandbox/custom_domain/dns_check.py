"""What Cognito looks up in DNS before it makes a custom domain."""

import dns.name
import dns.rdatatype

from sandbox.route53 import NAME_SERVERS, Route53


def has_ipv4_address(route53: Route53, name: str) -> bool:
    """Whether a hosted zone gives a name an IPv4 address, by any of its name servers."""
    asked = dns.name.from_text(name)
    answers = (route53.answer(index, asked, dns.rdatatype.A) for index in range(len(NAME_SERVERS)))
    return any(rrset.rdtype == dns.rdatatype.A for answer in answers for rrset in answer.answer)
