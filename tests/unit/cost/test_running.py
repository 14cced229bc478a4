"""The monthly cost of the controller, computed from example quantities and prices."""

from dataclasses import replace
from datetime import date

import pytest

from bench.benchmark.monthly_cost import compute_month
from failoverctl.cost.controller import CANARY_USERS, EVENTS_PER_MONTH
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.function_usage import COLD_STARTS_PER_DAY, MINUTES_PER_MONTH, estimate_billed_seconds
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.prices import BillingItem, Price, PriceBasis

MINUTE = InvocationProfile(
    interval_seconds=10,
    wall_seconds=50.5,
    cpu_seconds=0.18,
    rounds_cpu_seconds=(0.03, 0.03),
    calls={"dynamodb.PutItem": 19, "route53.ListResourceRecordSets": 2},
    write_units=20,
    read_units=1,
    metrics=30,
    log_events=20,
    log_bytes=10_000,
)
STACK = StackResources(
    metrics=30,
    alarm_metrics=6,
    composite_alarms=2,
    dashboards=1,
    log_retention_days=90,
    memory_mb=256,
    interval_seconds=10,
)


def make_price(usd: float, per: int = 1) -> Price:
    return Price(
        usd=usd,
        per=per,
        unit="unit",
        source="https://example.com/",
        noted_on=date(2026, 1, 1),
        basis=PriceBasis.REPORTS,
    )


ONE_DOLLAR_PRICES = dict.fromkeys(BillingItem, make_price(1.0))
"""With these prices the cost of an item equals its quantity."""


def test_price_applies_per_unit_count() -> None:
    assert make_price(0.20, per=1_000_000).compute_usd(500_000) == pytest.approx(0.10)


def test_month_is_one_twelfth_of_a_year() -> None:
    assert MINUTES_PER_MONTH == 43_800


def test_smaller_cpu_share_is_billed_longer() -> None:
    partial, full = estimate_billed_seconds(MINUTE, memory_mb=128), estimate_billed_seconds(MINUTE, memory_mb=1769)

    assert full == pytest.approx(51.5)
    assert partial == pytest.approx(51.5 + 0.03 * (1769 / 128 - 1))


def test_memory_beyond_full_processor_is_not_faster() -> None:
    assert estimate_billed_seconds(MINUTE, memory_mb=4096) == estimate_billed_seconds(MINUTE, memory_mb=1769)


def test_gigabyte_seconds_are_billed_time_times_memory() -> None:
    month = compute_month(MINUTE, STACK, ONE_DOLLAR_PRICES, memory_mb=1024)
    seconds = estimate_billed_seconds(MINUTE, memory_mb=1024)

    assert month.billed_seconds == seconds
    assert month.usd[BillingItem.LAMBDA_ARM64] == pytest.approx(43_800 * seconds)


@pytest.mark.parametrize(
    ("item", "count"),
    [
        (BillingItem.LAMBDA_REQUESTS, 43_800),
        (BillingItem.SCHEDULES, 43_800),
        (BillingItem.DYNAMODB_WRITE_UNITS, 43_800 * 20 + 2 * EVENTS_PER_MONTH),
        (BillingItem.DYNAMODB_READ_UNITS, 43_800 + 2 * COLD_STARTS_PER_DAY * 365 / 12),
        (BillingItem.CLOUDWATCH_METRICS, 30),
        (BillingItem.CLOUDWATCH_ALARMS, 6),
        (BillingItem.CLOUDWATCH_COMPOSITE_ALARMS, 2),
        (BillingItem.DASHBOARDS, 1),
        (BillingItem.SECRETS, 2),
        (BillingItem.USERS_ESSENTIALS, CANARY_USERS),
        (BillingItem.REPLICATED_USERS_ESSENTIALS, CANARY_USERS),
        (BillingItem.ROUTE53_CALLS, 2 * 43_800),
        (BillingItem.LOGS_INGESTION, 43_800 * (10_000 + 400 + 23 * 26) / 1e9),
    ],
)
def test_item_is_counted_for_the_whole_month(item: BillingItem, count: float) -> None:
    assert compute_month(MINUTE, STACK, ONE_DOLLAR_PRICES, memory_mb=256).usd[item] == pytest.approx(count)


def test_stored_logs_are_compressed_and_kept_for_the_retention() -> None:
    usd = compute_month(MINUTE, STACK, ONE_DOLLAR_PRICES, memory_mb=256).usd

    assert usd[BillingItem.LOGS_STORAGE] == pytest.approx(usd[BillingItem.LOGS_INGESTION] * 0.15 * 90 / (365 / 12))


def test_total_is_the_sum_of_all_items() -> None:
    cost = compute_month(
        MINUTE,
        STACK,
        {item: make_price(0.0) for item in BillingItem} | {BillingItem.SECRETS: make_price(0.4)},
        memory_mb=256,
    )

    assert cost.total_usd == pytest.approx(0.8)


def test_additional_metric_adds_its_price() -> None:
    prices = ONE_DOLLAR_PRICES | {BillingItem.CLOUDWATCH_METRICS: make_price(0.3)}
    extended = replace(STACK, metrics=31)

    difference = (
        compute_month(MINUTE, extended, prices, memory_mb=256).total_usd
        - compute_month(MINUTE, STACK, prices, memory_mb=256).total_usd
    )

    assert difference == pytest.approx(0.3)
