"""The choice of the record sets that answer."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from sandbox.route53.records import StoredRecordSet
from sandbox.route53.routing import choose_record_sets
from tests.unit.sandbox_route53.harness import Route53Harness, build_alias_change, build_change, build_weighted_change

DRAWS = 4000


def build_group(policy: str, **values: object) -> list[StoredRecordSet]:
    return [
        StoredRecordSet(
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


def build_health_predicate(*sick: str) -> Callable[[StoredRecordSet], bool]:
    return lambda record_set: record_set.set_identifier not in sick


def draw_shares(record_sets: list[StoredRecordSet], *sick: str) -> dict[str, float]:
    """Draw many times and return the share of each record set."""
    chance = random.Random(1)  # noqa: S311 -- a draw to be repeated
    drawn = Counter(
        record_set.set_identifier
        for _ in range(DRAWS)
        for record_set in choose_record_sets(
            record_sets, is_healthy=build_health_predicate(*sick), random_source=chance
        )
    )
    return {name: times / DRAWS for name, times in drawn.items()}


def test_answers_are_proportional_to_weights() -> None:
    assert draw_shares(build_group("Weight", a=1, b=3)) == pytest.approx({"a": 0.25, "b": 0.75}, abs=0.03)


def test_weights_of_a_tenth_draw_a_tenth() -> None:
    assert draw_shares(build_group("Weight", a=26, b=229)) == pytest.approx({"a": 0.1, "b": 0.9}, abs=0.02)


def test_weight_zero_with_weighted_siblings_is_never_drawn() -> None:
    assert draw_shares(build_group("Weight", a=0, b=1)) == {"b": 1.0}


def test_all_weights_zero_are_equal_shares() -> None:
    assert draw_shares(build_group("Weight", a=0, b=0)) == pytest.approx({"a": 0.5, "b": 0.5}, abs=0.03)


def test_unhealthy_record_set_is_not_returned() -> None:
    assert draw_shares(build_group("Weight", a=1, b=1, c=1), "a") == pytest.approx({"b": 0.5, "c": 0.5}, abs=0.03)


def test_weight_zero_answers_when_all_others_are_unhealthy() -> None:
    assert draw_shares(build_group("Weight", a=255, b=0), "a") == {"b": 1.0}


def test_all_unhealthy_counts_as_all_healthy() -> None:
    assert draw_shares(build_group("Weight", a=255, b=0), "a", "b") == {"a": 1.0}


def test_failover_returns_secondary_while_primary_is_unhealthy() -> None:
    pair = build_group("Failover", a="PRIMARY", b="SECONDARY")
    assert draw_shares(pair) == {"a": 1.0}
    assert draw_shares(pair, "a") == {"b": 1.0}
    assert draw_shares(pair, "a", "b") == {"a": 1.0}


def test_multivalue_returns_up_to_eight_healthy_record_sets() -> None:
    many = build_group("MultiValueAnswer", **{f"n{number}": True for number in range(10)})
    chance = random.Random(1)  # noqa: S311 -- a draw to be repeated
    chosen = choose_record_sets(many, is_healthy=build_health_predicate("n0"), random_source=chance)
    assert len(chosen) == 8
    assert "n0" not in {record_set.set_identifier for record_set in chosen}


def test_location_policy_returns_first_healthy_record_set() -> None:
    regions = build_group("Region", a="us-east-1", b="eu-west-1")
    assert draw_shares(regions) == {"a": 1.0}
    assert draw_shares(regions, "a") == {"b": 1.0}


def test_unhealthy_check_on_the_primary_moves_every_answer(harness: Route53Harness) -> None:
    check = harness.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    harness.change_records(
        build_weighted_change("CREATE", "primary", 255, HealthCheckId=check),
        build_weighted_change("CREATE", "standby", 0),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("auth.example.com", "CNAME") == ["primary.example.net."]
    harness.route53.is_healthy = lambda check_id: check_id != check
    assert harness.query_data("auth.example.com", "CNAME") == ["standby.example.net."]


def create_disabled_check(harness: Route53Harness, *, inverted: bool) -> str:
    """Create a check that no checker's result changes."""
    return harness.client.create_health_check(
        CallerReference=f"disabled {inverted}",
        HealthCheckConfig={
            "Type": "HTTPS",
            "FullyQualifiedDomainName": "a.example.net",
            "Disabled": True,
            "Inverted": inverted,
        },
    )["HealthCheck"]["Id"]


@pytest.mark.parametrize(("inverted", "answered"), [(False, "primary"), (True, "standby")])
def test_disabled_check_moves_answers_only_if_inverted(harness: Route53Harness, inverted: bool, answered: str) -> None:
    check = create_disabled_check(harness, inverted=inverted)
    harness.change_records(
        build_weighted_change("CREATE", "primary", 255, HealthCheckId=check),
        build_weighted_change("CREATE", "standby", 0),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("auth.example.com", "CNAME") == [f"{answered}.example.net."]


def test_weight_cannot_move_answers_to_record_with_unhealthy_check(harness: Route53Harness) -> None:
    check = create_disabled_check(harness, inverted=True)
    harness.change_records(
        build_weighted_change("CREATE", "primary", 0),
        build_weighted_change("CREATE", "standby", 255, HealthCheckId=check),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("auth.example.com", "CNAME") == ["primary.example.net."]


def test_record_with_deleted_check_answers(harness: Route53Harness) -> None:
    check = create_disabled_check(harness, inverted=True)
    harness.change_records(
        build_weighted_change("CREATE", "primary", 255, HealthCheckId=check),
        build_weighted_change("CREATE", "standby", 0),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("auth.example.com", "CNAME") == ["standby.example.net."]
    harness.client.delete_health_check(HealthCheckId=check)
    assert harness.query_data("auth.example.com", "CNAME") == ["primary.example.net."]


def test_alias_that_evaluates_its_target_is_as_healthy_as_the_target(harness: Route53Harness) -> None:
    check = harness.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    harness.change_records(
        build_change("CREATE", "one.example.com", "A", "192.0.2.1", SetIdentifier="one", Weight=1, HealthCheckId=check),
        build_change("CREATE", "two.example.com", "A", "192.0.2.2"),
        build_alias_change(
            "a.example.com", "one.example.com", harness.zone_id, evaluate=True, SetIdentifier="one", Weight=255
        ),
        build_alias_change(
            "a.example.com", "two.example.com", harness.zone_id, evaluate=True, SetIdentifier="two", Weight=0
        ),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("a.example.com") == ["192.0.2.1"]
    harness.route53.is_healthy = lambda _check_id: False
    assert harness.query_data("a.example.com") == ["192.0.2.2"]
