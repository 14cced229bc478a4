"""One question to one name server. Apart from the rest, because dnspython takes long to import."""

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from failover.levers.authority import Answer, Question
from failover.levers.records import comparable


def ask(
    server_address: str, question: Question, *, port: int, timeout_seconds: float, recursive: bool = False
) -> Answer | None:
    """Ask over UDP, and over TCP if the answer doesn't fit; None without a valid answer.

    Parameters
    ----------
    server_address, port
        Whom to ask.
    question
        What.
    timeout_seconds
        How long to wait, for each of UDP and TCP.
    recursive
        Whether it is a resolver that may answer from its cache, rather than an authority, which must know itself.

    """
    flags = dns.flags.RD if recursive else dns.flags.Flag(0)
    query = dns.message.make_query(question.name, question.record_type, flags=flags)
    try:
        response, _ = dns.query.udp_with_fallback(
            query, server_address, timeout=timeout_seconds, port=port, ignore_unexpected=True, ignore_errors=True
        )
    except (OSError, dns.exception.DNSException):
        return None
    if response.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return None
    if not recursive and not response.flags & dns.flags.AA:
        # A cache between us and the server answered: it proves nothing.
        return None
    return frozenset(
        comparable(record.to_text(), question.record_type)
        for rrset in response.answer
        if rrset.rdtype == dns.rdatatype.from_text(question.record_type)
        for record in rrset
    )
