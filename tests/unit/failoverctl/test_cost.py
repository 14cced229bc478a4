"""``failoverctl cost``: output for persons and scripts, without a call to AWS."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from failoverctl.cli import cli
from failoverctl.runtime import Runtime
from failoverctl.target import ControllerTarget


def run_cost(*arguments: str) -> Result:
    def make_client(_target: ControllerTarget, service: str) -> Any:
        raise AssertionError(f"{service} was called")

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
    return next(dict(part) for part in content["parts"] if part["name"] == name)


def test_estimate_lists_pool_controller_and_latch() -> None:
    shown = run_cost("--mau", "100000").stdout

    assert "the replicated pool" in shown
    assert "1,350.00" in shown
    assert "the controller" in shown
    assert "the latch, as object" in shown
    assert "None was read on AWS's own page" in shown


def test_json_has_every_line_with_price_and_source() -> None:
    content = estimate("--mau", "10000")

    lines = [line for part in content["parts"] for line in part["lines"]]
    assert {line["known"] for line in lines} == {"given", "counted", "measured", "estimated"}
    assert {line["item"] for line in lines} == set(content["prices"])
    assert all(price["source"].startswith("https://aws.amazon.com/") for price in content["prices"].values())
    assert content["due_usd"] == pytest.approx(sum(part["due_usd"] for part in content["parts"]))


def test_only_requested_components_cost() -> None:
    minimum = estimate("--mau", "0", "--latch", "none")
    maximum = estimate("--mau", "1000", "--managed-login", "--observers", "2", "--front", "60", "--latch", "metric")

    assert [part["name"] for part in minimum["parts"]] == ["the replicated pool", "the controller"]
    assert [part["name"] for part in maximum["parts"]] == [
        "the replicated pool",
        "the controller",
        "the latch, as metric",
        "2 observers",
        "front.yaml in both Regions",
    ]


def test_longer_interval_costs_less() -> None:
    short, long = (
        get_component(estimate("--mau", "0", "--interval", seconds), "the controller") for seconds in ("10", "60")
    )

    assert long["usd"] < short["usd"]


def test_x86_costs_more_than_arm() -> None:
    arm, x86 = (
        get_component(estimate("--mau", "0", "--architecture", name), "the controller") for name in ("arm64", "x86_64")
    )

    assert x86["usd"] > arm["usd"]


def test_lite_tier_pool_is_rejected_with_hint() -> None:
    result = run_cost("--mau", "1000", "--tier", "lite")

    assert result.exit_code == 2
    assert "Lite can't be replicated. Use essentials or plus" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "option"),
    [((), "--mau"), (("--mau", "-1"), "--mau"), (("--mau", "1", "--interval", "7"), "--interval")],
)
def test_invalid_option_is_named(arguments: tuple[str, ...], option: str) -> None:
    result = run_cost(*arguments)

    assert result.exit_code == 2
    assert option in result.stderr
