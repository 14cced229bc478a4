from typing import Any

import pytest

from sandbox.errors import InvalidFieldError
from sandbox.faults import ConnectionEffect, Fault, Faults
from sandbox.http_messages import EndpointRequest

TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"


def build_faults(*raw: dict[str, Any], draw: float = 0.5) -> Faults:
    faults = Faults((TOKYO, VIRGINIA, IRELAND), draw=lambda: draw)
    for number, fault in enumerate(raw):
        faults.set(faults.parse(fault, fault_id=str(number)))
    return faults


def build_request(
    region: str = TOKYO, *, caller: str | None = None, operation: str = "InitiateAuth"
) -> EndpointRequest:
    return EndpointRequest(
        region=region,
        caller_region=caller,
        account="123456789012",
        service="cognito-idp",
        operation=operation,
        method="POST",
        path="/",
        query="",
        headers={},
        body=b"",
        signed=False,
    )


@pytest.mark.parametrize("caller", [None, TOKYO, VIRGINIA])
def test_dead_region_is_unreachable_in_both_directions(caller: str | None) -> None:
    faults = build_faults({"effect": "dead", "region": TOKYO})
    assert faults.is_partitioned(caller, TOKYO)
    assert faults.is_partitioned(TOKYO, VIRGINIA)
    assert not faults.is_partitioned(VIRGINIA, IRELAND)


def test_cut_off_region_reaches_only_itself() -> None:
    faults = build_faults({"effect": "cut-off", "region": VIRGINIA})
    assert not faults.is_partitioned(VIRGINIA, VIRGINIA)
    assert faults.is_partitioned(VIRGINIA, TOKYO)
    assert faults.is_partitioned(TOKYO, VIRGINIA)
    assert faults.is_partitioned(None, VIRGINIA)
    assert not faults.is_dead(VIRGINIA)
    assert not faults.can_reach_global_hosts(VIRGINIA)


def test_regions_are_connected_unless_one_is_dead_or_cut_off() -> None:
    assert build_faults().is_connected(TOKYO, VIRGINIA)
    assert not build_faults({"effect": "dead", "region": TOKYO}).is_connected(TOKYO, VIRGINIA)
    assert not build_faults({"effect": "cut-off", "region": VIRGINIA}).is_connected(TOKYO, VIRGINIA)


def test_refuse_fault_applies_only_to_its_from_region() -> None:
    faults = build_faults({"effect": "refuse", "region": TOKYO, "from_region": VIRGINIA})
    assert faults.find_connection_effect(caller_region=VIRGINIA, region=TOKYO) is ConnectionEffect.REFUSE
    assert faults.find_connection_effect(caller_region=None, region=TOKYO) is ConnectionEffect.OPEN
    assert not faults.is_refusing_all(TOKYO)


def test_refuse_fault_of_target_does_not_affect_api() -> None:
    faults = build_faults({"effect": "refuse", "region": TOKYO, "service": "target"})
    assert faults.is_refusing_all(TOKYO, "target")
    assert not faults.is_refusing_all(TOKYO)


def test_latencies_add_up_and_first_terminal_fault_applies() -> None:
    faults = build_faults(
        {"effect": "latency", "seconds": 1.5},
        {"effect": "latency", "seconds": 2, "region": TOKYO},
        {"effect": "throttle", "service": "cognito-idp"},
        {"effect": "hang"},
    )
    effect = faults.find_call_effect(build_request())
    assert effect.wait_seconds == 3.5
    assert effect.terminal_fault is not None
    assert effect.terminal_fault.effect == "throttle"


@pytest.mark.parametrize(
    "elsewhere",
    [{"region": VIRGINIA}, {"service": "sns"}, {"operation": "GetUser"}, {"from_region": VIRGINIA}],
)
def test_fault_does_not_affect_other_calls(elsewhere: dict[str, str]) -> None:
    assert build_faults({"effect": "hang", **elsewhere}).find_call_effect(build_request()).terminal_fault is None


def test_fault_can_apply_only_to_outside_callers() -> None:
    faults = build_faults({"effect": "hang", "from_region": "outside"})
    assert faults.find_call_effect(build_request()).terminal_fault is not None
    assert faults.find_call_effect(build_request(caller=IRELAND)).terminal_fault is None


@pytest.mark.parametrize(("draw", "met"), [(0.29, True), (0.3, False)])
def test_fractional_fault_applies_to_its_fraction_of_calls(draw: float, *, met: bool) -> None:
    faults = build_faults({"effect": "reset", "fraction": 0.3}, draw=draw)
    assert (faults.find_call_effect(build_request()).terminal_fault is not None) is met


def test_fault_with_same_id_is_replaced_and_listeners_are_called() -> None:
    faults, calls = build_faults(), list[str]()
    faults.add_listeners(before=lambda: calls.append("before"), after=lambda: calls.append("after"))
    faults.set(faults.parse({"id": "x", "effect": "hang"}))
    faults.set(faults.parse({"id": "x", "effect": "reset"}))
    assert [fault.effect for fault in faults.list_active()] == ["reset"]
    assert calls == ["before", "after"] * 2


def test_clear_ends_one_fault_or_all() -> None:
    faults = build_faults({"effect": "hang"}, {"effect": "reset"}, {"effect": "throttle"})
    assert faults.clear("1") == 1
    assert faults.clear("1") == 0
    assert faults.clear() == 2


def test_fault_id_defaults_to_region_service_and_effect() -> None:
    assert build_faults().parse({"effect": "hang", "region": TOKYO, "service": "sns"}).id == "ap-northeast-1-sns-hang"


@pytest.mark.parametrize(
    ("raw", "field", "hint"),
    [
        ([], "fault", "JSON object"),
        ({"effect": "deadly"}, "effect", "dead, cut-off"),
        ({}, "effect", "dead, cut-off"),
        ({"effect": "dead"}, "region", TOKYO),
        ({"effect": "hang", "region": "sa-east-1"}, "region", TOKYO),
        ({"effect": "hang", "from_region": "moon"}, "from_region", "outside"),
        ({"effect": "hang", "regoin": TOKYO}, "regoin", "region"),
        ({"effect": "hang", "fraction": 0}, "fraction", "from 0 to 1"),
        ({"effect": "hang", "fraction": True}, "fraction", "from 0 to 1"),
        ({"effect": "latency"}, "seconds", "up to 900"),
        ({"effect": "latency", "seconds": -1}, "seconds", "from 0 to 900"),
        ({"effect": "error"}, "code", "InternalErrorException"),
        ({"effect": "error", "code": "X", "status": 200}, "status", "from 400 to 599"),
        ({"effect": "refuse", "service": "sns"}, "service", "reset"),
        ({"effect": "dead", "region": TOKYO, "service": "sns"}, "service", "whole Region"),
        ({"effect": "cut-off", "region": TOKYO, "fraction": 0.5}, "fraction", "whole Region"),
        ({"effect": "hang", "service": 7}, "service", "text"),
        ({"effect": "twice", "service": "sns"}, "service", "lambda"),
        ({"effect": "twice", "service": "lambda", "fraction": 0.5}, "service", "lambda"),
    ],
)
def test_invalid_fault_error_names_field_and_allowed_values(raw: object, field: str, hint: str) -> None:
    with pytest.raises(InvalidFieldError, match=hint) as error:
        build_faults().parse(raw)
    assert error.value.field == field
    assert "for example" in str(error.value)


def test_fault_matches_caller_region() -> None:
    fault = Fault(id="x", effect=build_faults().parse({"effect": "hang"}).effect, from_region=TOKYO)
    assert fault.applies_to_caller(TOKYO)
    assert not fault.applies_to_caller(None)


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        ({"effect": "hang", "service": "name-servers"}, (False, False)),
        ({"effect": "hang", "service": "name-servers", "from_region": TOKYO}, (False, True)),
        ({"effect": "hang", "service": "name-servers", "from_region": "outside"}, (True, False)),
        ({"effect": "hang", "service": "health-checkers"}, (True, True)),
        ({"effect": "hang", "service": "route53"}, (True, True)),
        ({"effect": "cut-off", "region": TOKYO}, (False, True)),
    ],
    ids=str,
)
def test_name_server_fault_applies_to_one_region_or_all_callers(
    fault: dict[str, str], answered: tuple[bool, bool]
) -> None:
    faults = build_faults(fault)
    assert (faults.can_query_name_servers(TOKYO), faults.can_query_name_servers(None)) == answered


@pytest.mark.parametrize(
    ("fault", "reports"),
    [
        ({"effect": "hang", "service": "health-checkers"}, (False, False)),
        ({"effect": "hang", "service": "health-checkers", "region": TOKYO}, (False, True)),
        ({"effect": "hang", "service": "name-servers"}, (True, True)),
        ({"effect": "dead", "region": TOKYO}, (False, True)),
        ({"effect": "cut-off", "region": TOKYO}, (False, True)),
    ],
    ids=str,
)
def test_health_checkers_report_unless_a_fault_applies(fault: dict[str, str], reports: tuple[bool, bool]) -> None:
    faults = build_faults(fault)
    assert (faults.can_health_checkers_report(TOKYO), faults.can_health_checkers_report(None)) == reports


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"effect": "error", "code": "X", "service": "name-servers"}, "effect"),
        ({"effect": "refuse", "service": "health-checkers"}, "effect"),
        ({"effect": "hang", "service": "name-servers", "region": TOKYO}, "region"),
        ({"effect": "hang", "service": "name-servers", "operation": "Query"}, "operation"),
        ({"effect": "hang", "service": "health-checkers", "from_region": TOKYO}, "from_region"),
        ({"effect": "hang", "service": "health-checkers", "fraction": 0.5}, "fraction"),
    ],
    ids=str,
)
def test_data_plane_fault_rejects_fields_without_effect(fault: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidFieldError) as error:
        build_faults(fault)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ({"effect": "throttle", "service": "route53", "operation": "CreateHealthCheck"}, False),
        ({"effect": "throttle", "service": "route53", "operation": "GetChange"}, True),
        ({"effect": "latency", "service": "route53", "seconds": 1}, True),
        ({"effect": "hang", "service": "route53", "from_region": "outside"}, True),
        ({"effect": "dead", "region": VIRGINIA}, False),
        ({"effect": "cut-off", "region": TOKYO}, False),
    ],
    ids=str,
)
def test_internal_call_meets_faults_of_called_service(fault: dict[str, object], answers: bool) -> None:
    assert build_faults(fault).can_call("route53", "CreateHealthCheck", region=VIRGINIA, caller_region=TOKYO) is answers


def test_scheduled_events_are_delivered_twice_in_the_region_of_the_fault() -> None:
    faults = build_faults({"effect": "twice", "service": "lambda", "region": TOKYO})
    assert faults.is_delivering_twice(TOKYO)
    assert not faults.is_delivering_twice(VIRGINIA)
    assert not build_faults({"effect": "dead", "region": TOKYO}).is_delivering_twice(TOKYO)
