"""Names of the two latches."""

from enum import StrEnum


class LatchName(StrEnum):
    """What a latch moves: the domain's records, or Cognito's own domain for managed login."""

    RECORDS = "records"
    DOMAIN = "domain"
