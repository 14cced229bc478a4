"""DNS messages on the wire: parsing, errors and truncation."""

import struct
from collections.abc import Awaitable, Callable

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

UDP_PAYLOAD_BYTES = 1232
"""The largest UDP message to send or accept. It fits every path without fragmentation (DNS flag day 2020)."""

_UDP_PAYLOAD_WITHOUT_EDNS_BYTES = 512
_HEADER_BYTES = 12
_TRANSFERS = {dns.rdatatype.AXFR, dns.rdatatype.IXFR}

type QueryResponder = Callable[[dns.message.Message], Awaitable[dns.message.Message]]
"""Returns the response to a query with exactly one question of the Internet class."""


async def respond_to_wire(wire: bytes, respond: QueryResponder, *, over_udp: bool) -> bytes | None:
    """Return the answer to a received query, or None if it gets no answer.

    Parameters
    ----------
    wire
        The query.
    respond
        Answers a valid query.
    over_udp
        Whether to truncate an answer that is too long for the client, which then retries over TCP.

    """
    try:
        query = dns.message.from_wire(wire)
    except dns.exception.DNSException:
        return _build_format_error(wire)
    if query.flags & dns.flags.QR:
        return None
    error_code = _find_error_code(query)
    response = build_empty_response(query, error_code) if error_code is not None else await respond(query)
    if not over_udp:
        return response.to_wire(max_size=65535)
    return response.to_wire(max_size=_compute_payload_bytes(query), prefer_truncation=True)


def build_empty_response(query: dns.message.Message, rcode: dns.rcode.Rcode) -> dns.message.Message:
    """Return a response that contains only its code."""
    response = dns.message.make_response(query, our_payload=UDP_PAYLOAD_BYTES)
    response.set_rcode(rcode)
    return response


def _find_error_code(query: dns.message.Message) -> dns.rcode.Rcode | None:
    if query.edns > 0:
        return dns.rcode.BADVERS
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    [question] = query.question
    if question.rdclass != dns.rdataclass.IN or question.rdtype in _TRANSFERS:
        return dns.rcode.REFUSED
    return None


def _compute_payload_bytes(query: dns.message.Message) -> int:
    if query.edns < 0:
        return _UDP_PAYLOAD_WITHOUT_EDNS_BYTES
    return max(_UDP_PAYLOAD_WITHOUT_EDNS_BYTES, min(query.payload, UDP_PAYLOAD_BYTES))


def _build_format_error(wire: bytes) -> bytes | None:
    """Return FORMERR for an unreadable query, or None if its header is unreadable or a response's."""
    if len(wire) < _HEADER_BYTES:
        return None
    message_id, flags = struct.unpack("!HH", wire[:4])
    if flags & dns.flags.QR:
        return None
    error = dns.message.Message(id=message_id)
    error.flags = dns.flags.QR
    error.set_rcode(dns.rcode.FORMERR)
    return error.to_wire()
