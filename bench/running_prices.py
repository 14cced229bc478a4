"""What AWS charges: prices.toml, read and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from msgspec import ValidationError, convert

PRICES = Path(__file__).parent / "prices.toml"


class Item(StrEnum):
    """What is charged for; each has a table in prices.toml."""

    LAMBDA_GIGABYTE_SECONDS = "lambda_gigabyte_seconds"
    LAMBDA_REQUESTS = "lambda_requests"
    DYNAMODB_WRITE_UNITS = "dynamodb_write_units"
    DYNAMODB_READ_UNITS = "dynamodb_read_units"
    DYNAMODB_STORAGE = "dynamodb_storage"
    DYNAMODB_RECOVERY = "dynamodb_recovery"
    CLOUDWATCH_METRICS = "cloudwatch_metrics"
    CLOUDWATCH_ALARMS = "cloudwatch_alarms"
    CLOUDWATCH_COMPOSITE_ALARMS = "cloudwatch_composite_alarms"
    LOGS_INGESTION = "logs_ingestion"
    LOGS_STORAGE = "logs_storage"
    SCHEDULES = "schedules"
    EVENTS = "events"
    MESSAGES = "messages"
    SECRETS = "secrets"
    SECRET_READS = "secret_reads"  # noqa: S105 - a name, no secret
    CANARY_USERS = "canary_users"
    ROUTE53_CALLS = "route53_calls"


class Basis(StrEnum):
    """What a price was taken from: none was read on AWS's own page."""

    REPORTS = "reports"
    MEMORY = "memory"


class PricesError(ValueError):
    """The file of prices lacks something, or says something that is no price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What some number of units costs.

    Attributes
    ----------
    usd
        US dollars.
    per
        For how many units.
    unit
        What is counted.
    source
        The page to compare it with.
    noted_on
        When it was written down.
    basis
        What it was written down from.

    """

    usd: float
    per: int
    unit: str
    source: str
    noted_on: date
    basis: Basis

    def of(self, count: float) -> float:
        """Return what so many units cost, in US dollars."""
        return self.usd * count / self.per


def read(path: Path = PRICES) -> Mapping[Item, Price]:
    """Read the prices.

    Raises
    ------
    PricesError
        If an item has no price, or one that lacks a field, its source and date included.

    """
    try:
        prices = convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[Item, Price])
    except ValidationError as error:
        raise PricesError(f"{path.name}: {error}") from error
    if missing := [item for item in Item if item not in prices]:
        raise PricesError(f"{path.name} has no price for {', '.join(missing)}; add a table of that name.")
    return prices
