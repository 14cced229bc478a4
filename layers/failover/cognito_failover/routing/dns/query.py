"""One DNS query to one server. Separate, because dnspython is slow to import."""

import logging

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from cognito_failover.common.error_boundary import summarize_error
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion
from cognito_failover.routing.record_set import to_steering_value

_log = logging.getLogger(__name__)


def send_dns_query(
    server_address: str, question: DnsQuestion, *, port: int, timeout_seconds: float, recursive: bool = False
) -> DnsAnswer | None:
    """Query over UDP, and over TCP if the answer is truncated; return None without a valid answer.

    Parameters
    ----------
    server_address, port
        The server's IP address and port.
    question
        The name and type to query.
    timeout_seconds
        The longest wait, for UDP and for TCP each.
    recursive
        True for a resolver, which may answer from its cache. False for an authoritative server.

    """
    flags = dns.flags.RD if recursive else dns.flags.Flag(0)
    query = dns.message.make_query(question.name, question.record_type, flags=flags)
    response = exchange_message(query, server_address, port=port, timeout_seconds=timeout_seconds)
    if response is None or response.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return None
    if not recursive and not response.flags & dns.flags.AA:
        # A cache in between answered, or the name is delegated. That does not prove what the server holds.
        return None
    try:
        return _list_values(query, response)
    except Exception as error:  # noqa: BLE001 - a malformed answer counts as no answer
        _log_unreadable_answer(server_address, error)
        return None


def exchange_message(
    query: dns.message.Message, server_address: str, *, port: int, timeout_seconds: float
) -> dns.message.Message | None:
    """Send a query over UDP, and over TCP if the answer is truncated. Return None without a readable answer."""
    try:
        response, _ = dns.query.udp_with_fallback(
            query, server_address, timeout=timeout_seconds, port=port, ignore_unexpected=True, ignore_errors=True
        )
    except (OSError, EOFError, dns.exception.DNSException):  # EOFError if TCP closes before the answer is complete
        return None
    except Exception as error:  # noqa: BLE001 - a malformed answer counts as no answer
        _log_unreadable_answer(server_address, error)
        return None
    return response


def _log_unreadable_answer(server_address: str, error: Exception) -> None:
    _log.warning("The answer of %s could not be read: %s", server_address, summarize_error(error))


def _list_values(query: dns.message.QueryMessage, response: dns.message.Message) -> DnsAnswer:
    return frozenset(
        to_steering_value(record.to_text(), rrset.rdtype.name)
        for rrset in response.answer
        if _belongs_to_answer(rrset, query)
        for record in rrset
    )


def _belongs_to_answer(rrset: dns.rrset.RRset, query: dns.message.QueryMessage) -> bool:
    """Return whether records have the type that was asked for, or are the CNAMEs that lead to them."""
    [asked] = query.question
    if rrset.rdtype == dns.rdatatype.CNAME:
        return asked.rdtype != dns.rdatatype.CNAME or rrset.name == asked.name
    return rrset.rdtype == asked.rdtype
