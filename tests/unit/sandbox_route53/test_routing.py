"""Which record sets of a group answer."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from sandbox.route53.records import RecordSet
from sandbox.route53.routing import choose
from tests.unit.sandbox_route53.world import World, alias, entry, weighted

DRAWS = 4000


def group(policy: str, **values: object) -> list[RecordSet]:
    return [
        RecordSet(
            name="a.example.com.",
            type="A",
            set_identifier=name,
            ttl_seconds=60,
            values=("192.0.2.1",),
            policy=policy,
            policy_value=value,
        )
        for name, value in values.items()
    ]


def without(*sick: str) -> Callable[[RecordSet], bool]:
    return lambda record_set: record_set.set_identifier not in sick


def shares(record_sets: list[RecordSet], *sick: str) -> dict[str, float]:
    """Draw many times; gives the share of each that was drawn."""
    chance = random.Random(1)  # noqa: S311 -- a draw to be repeated
    drawn = Counter(
        one.set_identifier for _ in range(DRAWS) for one in choose(record_sets, healthy=without(*sick), chance=chance)
    )
    return {name: times / DRAWS for name, times in drawn.items()}


def test_answers_are_shared_in_proportion_to_the_weights() -> None:
    assert shares(group("Weight", a=1, b=3)) == pytest.approx({"a": 0.25, "b": 0.75}, abs=0.03)


def test_a_tenth_goes_where_a_failback_sends_a_tenth() -> None:
    assert shares(group("Weight", a=26, b=229)) == pytest.approx({"a": 0.1, "b": 0.9}, abs=0.02)


def test_weight_zero_beside_others_is_never_drawn() -> None:
    assert shares(group("Weight", a=0, b=1)) == {"b": 1.0}


def test_all_weights_zero_are_equal_shares() -> None:
    assert shares(group("Weight", a=0, b=0)) == pytest.approx({"a": 0.5, "b": 0.5}, abs=0.03)


def test_an_unhealthy_record_set_is_left_out() -> None:
    assert shares(group("Weight", a=1, b=1, c=1), "a") == pytest.approx({"b": 0.5, "c": 0.5}, abs=0.03)


def test_weight_zero_answers_when_all_others_are_unhealthy() -> None:
    assert shares(group("Weight", a=255, b=0), "a") == {"b": 1.0}


def test_all_unhealthy_is_as_if_all_were_healthy() -> None:
    assert shares(group("Weight", a=255, b=0), "a", "b") == {"a": 1.0}


def test_failover_gives_the_secondary_while_the_primary_is_unhealthy() -> None:
    pair = group("Failover", a="PRIMARY", b="SECONDARY")
    assert shares(pair) == {"a": 1.0}
    assert shares(pair, "a") == {"b": 1.0}
    assert shares(pair, "a", "b") == {"a": 1.0}


def test_multivalue_gives_up_to_eight_healthy_ones() -> None:
    many = group("MultiValueAnswer", **{f"n{number}": True for number in range(10)})
    chance = random.Random(1)  # noqa: S311 -- a draw to be repeated
    chosen = choose(many, healthy=without("n0"), chance=chance)
    assert len(chosen) == 8
    assert "n0" not in {one.set_identifier for one in chosen}


def test_a_policy_that_depends_on_the_asker_gives_the_first_healthy_one() -> None:
    regions = group("Region", a="us-east-1", b="eu-west-1")
    assert shares(regions) == {"a": 1.0}
    assert shares(regions, "a") == {"b": 1.0}


def test_an_unhealthy_check_on_the_primary_moves_every_answer(world: World) -> None:
    check = world.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    world.change(weighted("CREATE", "primary", 255, HealthCheckId=check), weighted("CREATE", "standby", 0))
    world.settle()
    assert world.data("auth.example.com", "CNAME") == ["primary.example.net."]
    world.route53.healthy = lambda check_id: check_id != check
    assert world.data("auth.example.com", "CNAME") == ["standby.example.net."]


def test_an_alias_that_evaluates_its_target_is_as_healthy_as_the_target(world: World) -> None:
    check = world.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    world.change(
        entry("CREATE", "one.example.com", "A", "192.0.2.1", SetIdentifier="one", Weight=1, HealthCheckId=check),
        entry("CREATE", "two.example.com", "A", "192.0.2.2"),
        alias("a.example.com", "one.example.com", world.zone_id, evaluate=True, SetIdentifier="one", Weight=255),
        alias("a.example.com", "two.example.com", world.zone_id, evaluate=True, SetIdentifier="two", Weight=0),
    )
    world.settle()
    assert world.data("a.example.com") == ["192.0.2.1"]
    world.route53.healthy = lambda _check_id: False
    assert world.data("a.example.com") == ["192.0.2.2"]
