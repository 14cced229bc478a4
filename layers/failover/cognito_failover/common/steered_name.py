"""The names whose users the controller steers."""

from enum import StrEnum


class SteeredName(StrEnum):
    """A steered name: the domain of the weighted records, or Cognito's own domain for managed login.

    Each has at most one latch.
    """

    RECORDS = "records"
    DOMAIN = "domain"
