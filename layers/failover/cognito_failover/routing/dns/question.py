"""Questions to name servers, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DnsQuestion:
    """A name and a record type to query."""

    name: str
    record_type: str


type DnsAnswer = frozenset[str]
"""The values of one answer, with the names of a CNAME chain to them; of a service binding only the target names.

Empty if the server has no such record.
"""

type ServerAnswers = Mapping[DnsQuestion, tuple[DnsAnswer, ...]]
"""A server's answers to each question; an empty tuple if none arrived in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswers:
    """The answers that arrived within the time budget of one query.

    Attributes
    ----------
    answers
        Each server's answers.
    addresses
        Each host's addresses from the system's resolver, by address type: A or AAAA. Empty for a host without any. A
        host that could not be resolved is left out.

    """

    answers: Mapping[str, ServerAnswers]
    addresses: Mapping[DnsQuestion, frozenset[str]]
