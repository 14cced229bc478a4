"""A month's cost of the controller from counts and prices: the arithmetic, with invented counts."""

from dataclasses import replace
from datetime import date

import pytest

from bench.running_cost import month
from failoverctl.cost.controller import CANARIES, TRANSITIONS_A_MONTH
from failoverctl.cost.deployed import Stack
from failoverctl.cost.minute import Minute
from failoverctl.cost.prices import Basis, Item, Price
from failoverctl.cost.running import COLD_STARTS_A_DAY, MINUTES_A_MONTH, billed_seconds

MINUTE = Minute(
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
STACK = Stack(
    metrics=30,
    alarm_metrics=6,
    composite_alarms=2,
    dashboards=1,
    log_retention_days=90,
    memory_mb=256,
    interval_seconds=10,
)


def price(usd: float, per: int = 1) -> Price:
    return Price(
        usd=usd, per=per, unit="unit", source="https://example.com/", noted_on=date(2026, 1, 1), basis=Basis.REPORTS
    )


ONE_DOLLAR_EACH = dict.fromkeys(Item, price(1.0))
"""With these the cost of an item is its count."""


def test_a_price_is_for_so_many_units() -> None:
    assert price(0.20, per=1_000_000).of(500_000) == pytest.approx(0.10)


def test_a_month_has_as_many_minutes_as_the_twelfth_part_of_a_year() -> None:
    assert MINUTES_A_MONTH == 43_800


def test_an_invocation_is_billed_longer_where_it_gets_less_of_a_processor() -> None:
    small, whole = billed_seconds(MINUTE, memory_mb=128), billed_seconds(MINUTE, memory_mb=1769)

    assert whole == pytest.approx(51.5)
    assert small == pytest.approx(51.5 + 0.03 * (1769 / 128 - 1))


def test_more_memory_than_a_whole_processor_needs_makes_nothing_faster() -> None:
    assert billed_seconds(MINUTE, memory_mb=4096) == billed_seconds(MINUTE, memory_mb=1769)


def test_gigabyte_seconds_are_the_billed_time_in_proportion_to_memory() -> None:
    whole_gigabyte = month(MINUTE, STACK, ONE_DOLLAR_EACH, memory_mb=1024)
    seconds = billed_seconds(MINUTE, memory_mb=1024)

    assert whole_gigabyte.billed_seconds == seconds
    assert whole_gigabyte.usd[Item.LAMBDA_ARM64] == pytest.approx(43_800 * seconds)


@pytest.mark.parametrize(
    ("item", "count"),
    [
        (Item.LAMBDA_REQUESTS, 43_800),
        (Item.SCHEDULES, 43_800),
        (Item.DYNAMODB_WRITE_UNITS, 43_800 * 20 + 2 * TRANSITIONS_A_MONTH),
        (Item.DYNAMODB_READ_UNITS, 43_800 + 2 * COLD_STARTS_A_DAY * 365 / 12),
        (Item.CLOUDWATCH_METRICS, 30),
        (Item.CLOUDWATCH_ALARMS, 6),
        (Item.CLOUDWATCH_COMPOSITE_ALARMS, 2),
        (Item.DASHBOARDS, 1),
        (Item.SECRETS, 2),
        (Item.USERS_ESSENTIALS, CANARIES),
        (Item.REPLICATED_USERS_ESSENTIALS, CANARIES),
        (Item.ROUTE53_CALLS, 2 * 43_800),
        (Item.LOGS_INGESTION, 43_800 * (10_000 + 400 + 23 * 26) / 1e9),
    ],
)
def test_an_item_is_counted_for_the_whole_month(item: Item, count: float) -> None:
    assert month(MINUTE, STACK, ONE_DOLLAR_EACH, memory_mb=256).usd[item] == pytest.approx(count)


def test_logs_are_stored_compressed_for_as_many_months_as_they_are_kept() -> None:
    usd = month(MINUTE, STACK, ONE_DOLLAR_EACH, memory_mb=256).usd

    assert usd[Item.LOGS_STORAGE] == pytest.approx(usd[Item.LOGS_INGESTION] * 0.15 * 90 / (365 / 12))


def test_the_total_is_the_sum_of_every_item() -> None:
    cost = month(MINUTE, STACK, {item: price(0.0) for item in Item} | {Item.SECRETS: price(0.4)}, memory_mb=256)

    assert cost.total_usd == pytest.approx(0.8)


def test_a_metric_more_costs_its_price_more() -> None:
    prices = ONE_DOLLAR_EACH | {Item.CLOUDWATCH_METRICS: price(0.3)}
    more = replace(STACK, metrics=31)

    difference = (
        month(MINUTE, more, prices, memory_mb=256).total_usd - month(MINUTE, STACK, prices, memory_mb=256).total_usd
    )

    assert difference == pytest.approx(0.3)
