"""``failoverctl cost``: what a person and a script read, without asking anybody."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from failoverctl.cli import cli
from failoverctl.runtime import Runtime
from failoverctl.target import ControllerTarget


def run_cost(*arguments: str) -> Result:
    def make_client(_place: ControllerTarget, service: str) -> Any:
        raise AssertionError(f"{service} was asked")

    return CliRunner().invoke(
        cli,
        ["cost", *arguments],
        obj=Runtime(create_client=make_client),
        env={"XDG_CONFIG_HOME": "/nonexistent", "COLUMNS": "120", "NO_COLOR": "1"},
        prog_name="failoverctl",
        catch_exceptions=False,
    )


def estimate(*arguments: str) -> dict[str, Any]:
    result = run_cost("--json", *arguments)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def get_component(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(each) for each in content["parts"] if each["name"] == name)


def test_estimate_lists_pool_controller_and_latch() -> None:
    shown = run_cost("--mau", "100000").stdout

    assert "the replicated pool" in shown
    assert "1,350.00" in shown
    assert "the controller" in shown
    assert "the latch, as object" in shown
    assert "none was read on AWS's own page" in shown


def test_json_has_every_line_with_price_and_source() -> None:
    content = estimate("--mau", "10000")

    lines = [line for each in content["parts"] for line in each["lines"]]
    assert {line["known"] for line in lines} == {"given", "counted", "measured", "estimated"}
    assert {line["item"] for line in lines} == set(content["prices"])
    assert all(price["source"].startswith("https://aws.amazon.com/") for price in content["prices"].values())
    assert content["due_usd"] == pytest.approx(sum(each["due_usd"] for each in content["parts"]))


def test_only_requested_components_cost() -> None:
    least = estimate("--mau", "0", "--latch", "none")
    most = estimate("--mau", "1000", "--managed-login", "--observers", "2", "--front", "60", "--latch", "metric")

    assert [each["name"] for each in least["parts"]] == ["the replicated pool", "the controller"]
    assert [each["name"] for each in most["parts"]] == [
        "the replicated pool",
        "the controller",
        "the latch, as metric",
        "2 observers",
        "front.yaml in both Regions",
    ]


def test_longer_interval_writes_less() -> None:
    often, seldom = (
        get_component(estimate("--mau", "0", "--interval", seconds), "the controller") for seconds in ("10", "60")
    )

    assert seldom["usd"] < often["usd"]


def test_other_processor_costs_more() -> None:
    arm, x86 = (
        get_component(estimate("--mau", "0", "--architecture", each), "the controller") for each in ("arm64", "x86_64")
    )

    assert x86["usd"] > arm["usd"]


def test_lite_tier_pool_is_rejected_with_hint() -> None:
    result = run_cost("--mau", "1000", "--tier", "lite")

    assert result.exit_code == 2
    assert "Lite can't be replicated; reckon with essentials or plus" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), "--mau"), (("--mau", "-1"), "--mau"), (("--mau", "1", "--interval", "7"), "--interval")],
)
def test_invalid_option_is_named(arguments: tuple[str, ...], named: str) -> None:
    result = run_cost(*arguments)

    assert result.exit_code == 2
    assert named in result.stderr
