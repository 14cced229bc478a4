import re
import tomllib
from typing import Any

from failover.decision.freshness import Freshness
from failover.signals.metrics import measure
from tests.unit.docs.pages import ROOT, table
from tests.unit.signals.examples import NOW, reading, report, settings, state
from tests.unit.template.rendering import alarms_in, load

COSTS = {row[0]: row[1:] for row in table(ROOT / "README.md", "what", "how much", "dollars")}
PRICES = tomllib.loads((ROOT / "bench" / "prices.toml").read_text(encoding="utf-8"))


def dollars_for(quantity: float, price: str) -> float:
    return quantity * float(PRICES[price]["usd"]) / float(PRICES[price]["per"])


def numbers_in(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text.replace(",", ""))]


def test_the_metrics_are_as_many_as_a_calm_round_writes() -> None:
    seen = reading(target_latency_seconds=0.1)
    fresh = state(freshness=Freshness(lag_seconds=1.0, measured_at=NOW))
    sets = list(measure(report(primary=seen, standby=seen, state=fresh), settings(), took_seconds=1.0))
    of_service, of_each_region = len(sets[0].metrics), {len(each.metrics) for each in sets[1:]}
    how_much, dollars = COSTS["CloudWatch metrics"]
    total, said_of_service, said_of_region = numbers_in(how_much)

    assert said_of_service == of_service
    assert {said_of_region} == of_each_region
    assert total == sum(len(each.metrics) for each in sets)
    assert dollars == f"{dollars_for(total, 'cloudwatch_metrics'):.2f}"


def test_the_alarms_are_as_many_as_the_template_has() -> None:
    resources = [load()["Resources"][name] for name in alarms_in()]
    composites = sum(each["Type"] == "AWS::CloudWatch::CompositeAlarm" for each in resources)
    metrics = sum(measured_by(each["Properties"]) for each in resources)
    cost = dollars_for(metrics, "cloudwatch_alarms") + dollars_for(composites, "cloudwatch_composite_alarms")
    how_much, dollars = COSTS["CloudWatch alarms"]

    assert numbers_in(how_much) == [metrics, composites]
    assert dollars == f"{cost:.2f}"


def measured_by(alarm: dict[str, Any]) -> int:
    """Return by how many metrics an alarm goes, which is what it is billed by."""
    if "Metrics" in alarm:
        return sum("MetricStat" in query for query in alarm["Metrics"])
    return int("MetricName" in alarm)


def test_lambda_is_reckoned_at_the_templates_default_memory() -> None:
    memory_mb = load()["Parameters"]["MemorySizeMb"]["Default"]
    how_much, dollars = COSTS[f"Lambda, {memory_mb} MB, arm64"]
    invocations, seconds, gigabyte_seconds = numbers_in(how_much)
    cost = dollars_for(gigabyte_seconds, "lambda_gigabyte_seconds") + dollars_for(invocations, "lambda_requests")

    assert gigabyte_seconds == invocations * seconds * memory_mb / 1024
    assert dollars == f"{cost:.2f}"
