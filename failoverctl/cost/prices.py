"""AWS list prices, from prices.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

PRICES_PATH = Path(__file__).parent / "prices.toml"


class BillingItem(StrEnum):
    """An item on AWS's bill. Each has a table in prices.toml."""

    USERS_ESSENTIALS = "users_essentials"
    USERS_PLUS = "users_plus"
    REPLICATED_USERS_ESSENTIALS = "replicated_users_essentials"
    REPLICATED_USERS_PLUS = "replicated_users_plus"
    KEYS = "keys"
    LAMBDA_ARM64 = "lambda_arm64"
    LAMBDA_X86_64 = "lambda_x86_64"
    LAMBDA_REQUESTS = "lambda_requests"
    DYNAMODB_WRITE_UNITS = "dynamodb_write_units"
    DYNAMODB_READ_UNITS = "dynamodb_read_units"
    DYNAMODB_STORAGE = "dynamodb_storage"
    DYNAMODB_RECOVERY = "dynamodb_recovery"
    CLOUDWATCH_METRICS = "cloudwatch_metrics"
    CLOUDWATCH_ALARMS = "cloudwatch_alarms"
    CLOUDWATCH_COMPOSITE_ALARMS = "cloudwatch_composite_alarms"
    CLOUDWATCH_CALLS = "cloudwatch_calls"
    DASHBOARDS = "dashboards"
    LOGS_INGESTION = "logs_ingestion"
    LOGS_STORAGE = "logs_storage"
    SCHEDULES = "schedules"
    EVENTS = "events"
    MESSAGES = "messages"
    SECRETS = "secrets"
    SECRET_READS = "secret_reads"  # noqa: S105 - a name, no secret
    ROUTE53_CALLS = "route53_calls"
    HEALTH_CHECKS = "health_checks"
    HEALTH_CHECK_FEATURES = "health_check_features"
    OBJECT_READS = "object_reads"
    GATEWAY_REQUESTS = "gateway_requests"
    WEB_ACLS = "web_acls"
    WEB_ACL_RULES = "web_acl_rules"
    WEB_ACL_REQUESTS = "web_acl_requests"
    TRAIL_EVENTS = "trail_events"


class PriceBasis(StrEnum):
    """Source of a price: third-party reports or memory. None was read on AWS's own page."""

    REPORTS = "reports"
    MEMORY = "memory"


class PriceListError(ValueError):
    """The price list is malformed or incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of a billing item.

    Attributes
    ----------
    usd
        US dollars for `per` units.
    per
        Number of units.
    unit
        Name of the unit.
    source
        AWS's page to compare the price with.
    noted_on
        Date of the price.
    basis
        Source of the price.
    free
        Free units per month and account, without time limit.

    """

    usd: float
    per: int
    unit: str
    source: str
    noted_on: date
    basis: PriceBasis
    free: int = 0

    def compute_usd(self, quantity: float) -> float:
        """Return the price of a quantity in US dollars, without the free tier."""
        return self.usd * quantity / self.per


def read(path: Path = PRICES_PATH) -> Mapping[BillingItem, Price]:
    """Read the price list.

    Raises
    ------
    PriceListError
        If an item has no price, or a price lacks a field. Source and date are required.

    """
    from msgspec import ValidationError, convert  # noqa: PLC0415 - help and completion don't need it

    try:
        prices = convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[BillingItem, Price])
    except ValidationError as error:
        raise PriceListError(f"{path.name}: {error}") from error
    if missing := [item for item in BillingItem if item not in prices]:
        raise PriceListError(f"{path.name} has no price for {', '.join(missing)}. Add a table of that name.")
    return prices
