"""Questions to name servers, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DnsQuestion:
    """A name and the type of record asked for."""

    name: str
    record_type: str


type DnsAnswer = frozenset[str]
"""The values one answer gave; empty if the server knows of no such record."""

type ServerAnswers = Mapping[DnsQuestion, tuple[DnsAnswer, ...]]
"""Every answer one server gave to each question; an empty tuple where it gave none in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswers:
    """What a look at the name servers brought back before its time was up.

    Attributes
    ----------
    answers
        Each server's answers.
    addresses
        What each host asked for resolved to, by the system's resolver, per address type: A or AAAA.

    """

    answers: Mapping[str, ServerAnswers]
    addresses: Mapping[DnsQuestion, frozenset[str]]
