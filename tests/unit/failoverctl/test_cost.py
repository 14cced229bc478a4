"""``failoverctl cost``: what a person and a script read, without asking anybody."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from failoverctl.place import Place
from failoverctl.program import program
from failoverctl.surroundings import Surroundings


def run(*arguments: str) -> Result:
    def client(_place: Place, service: str) -> Any:
        raise AssertionError(f"{service} was asked")

    return CliRunner().invoke(
        program,
        ["cost", *arguments],
        obj=Surroundings(client=client),
        env={"XDG_CONFIG_HOME": "/nonexistent", "COLUMNS": "120", "NO_COLOR": "1"},
        prog_name="failoverctl",
        catch_exceptions=False,
    )


def answer(*arguments: str) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def part(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(each) for each in content["parts"] if each["name"] == name)


def test_a_person_reads_the_pools_part_the_controllers_and_the_latchs() -> None:
    shown = run("--mau", "100000").stdout

    assert "the replicated pool" in shown
    assert "1,350.00" in shown
    assert "the controller" in shown
    assert "the latch, as object" in shown
    assert "none was read on AWS's own page" in shown


def test_a_script_reads_every_line_with_its_price_and_its_source() -> None:
    content = answer("--mau", "10000")

    lines = [line for each in content["parts"] for line in each["lines"]]
    assert {line["known"] for line in lines} == {"given", "counted", "measured", "estimated"}
    assert {line["item"] for line in lines} == set(content["prices"])
    assert all(price["source"].startswith("https://aws.amazon.com/") for price in content["prices"].values())
    assert content["due_usd"] == pytest.approx(sum(each["due_usd"] for each in content["parts"]))


def test_only_what_is_wished_for_is_paid_for() -> None:
    least = answer("--mau", "0", "--latch", "none")
    most = answer("--mau", "1000", "--managed-login", "--observers", "2", "--front", "60", "--latch", "metric")

    assert [each["name"] for each in least["parts"]] == ["the replicated pool", "the controller"]
    assert [each["name"] for each in most["parts"]] == [
        "the replicated pool",
        "the controller",
        "the latch, as metric",
        "2 observers",
        "front.yaml in both Regions",
    ]


def test_a_longer_interval_writes_less() -> None:
    often, seldom = (part(answer("--mau", "0", "--interval", seconds), "the controller") for seconds in ("10", "60"))

    assert seldom["usd"] < often["usd"]


def test_the_other_processor_costs_more() -> None:
    arm, x86 = (part(answer("--mau", "0", "--architecture", each), "the controller") for each in ("arm64", "x86_64"))

    assert x86["usd"] > arm["usd"]


def test_a_pool_of_the_tier_lite_is_refused_with_the_way_out() -> None:
    result = run("--mau", "1000", "--tier", "lite")

    assert result.exit_code == 2
    assert "Lite can't be replicated; reckon with essentials or plus" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), "--mau"), (("--mau", "-1"), "--mau"), (("--mau", "1", "--interval", "7"), "--interval")],
)
def test_a_mistake_is_named(arguments: tuple[str, ...], named: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert named in result.stderr
